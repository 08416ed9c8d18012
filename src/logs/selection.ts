import type { Login } from '../names/login.ts';
import { formatWorkspaceKey } from '../names/workspace-key.ts';
import type { LogLine } from './log-line.ts';

export type Selection = (line: LogLine) => boolean;

export const everything: Selection = () => true;

/** What the log has of a user, or of one workspace where the lab is named. */
export function ofWorkspace({ user, lab }: Login): Selection {
  const workspace = lab === undefined ? undefined : formatWorkspaceKey({ user, lab });
  return (line) => {
    if (line.kind === 'text') return false;
    const { entry } = line;
    if (workspace !== undefined) return entry.workspace === workspace;
    return entry.user === user || entry.workspace?.startsWith(`${user}/`) === true;
  };
}

/** Entries whose error id begins so. */
export function ofError(prefix: string): Selection {
  return (line) => line.kind === 'entry' && line.entry.errorId?.startsWith(prefix) === true;
}
