import { InvalidArgumentError } from 'commander';
import { type Login, parseLogin } from '../names/login.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';

/** A workspace as the command line names it, "alice/k3s". Throws commander's usage error. */
export function parseWorkspace(text: string): WorkspaceKey {
  const login = parseLogin(text);
  if (login?.lab !== undefined) return { user: login.user, lab: login.lab };
  throw new InvalidArgumentError('Name it as user/lab, such as alice/k3s.');
}

/** The same for an argument that may be given several times. */
export function collectWorkspaces(text: string, before: readonly WorkspaceKey[] = []): WorkspaceKey[] {
  return [...before, parseWorkspace(text)];
}

/** All workspaces of a user, "alice", or one of them, "alice/k3s". Throws commander's usage error. */
export function parseUserOrWorkspace(text: string): Login {
  const login = parseLogin(text);
  if (login === undefined) throw new InvalidArgumentError('Type a user, or a user and a lab: alice/k3s.');
  return login;
}
