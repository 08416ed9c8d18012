import { type LabName, parseLabName } from './lab-name.ts';
import { parseUsername, type Username } from './username.ts';

/** One user's instance of one lab. */
export interface WorkspaceKey {
  readonly user: Username;
  readonly lab: LabName;
}

/** The key of two names as a label or a file has them; undefined where one of them is none. */
export function parseWorkspaceKey(userText: string, labText: string): WorkspaceKey | undefined {
  const user = parseUsername(userText);
  const lab = parseLabName(labText);
  return user === undefined || lab === undefined ? undefined : { user, lab };
}

/** The key as text, `alice/k3s`. Injective: neither part can hold a slash. */
export function formatWorkspaceKey(key: WorkspaceKey): string {
  return `${key.user}/${key.lab}`;
}
