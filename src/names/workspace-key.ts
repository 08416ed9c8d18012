import type { LabName } from './lab-name.ts';
import type { Username } from './username.ts';

/** One user's instance of one lab. */
export interface WorkspaceKey {
  readonly user: Username;
  readonly lab: LabName;
}

/** The key as text, `alice/k3s`. Injective: neither part can hold a slash. */
export function formatWorkspaceKey(key: WorkspaceKey): string {
  return `${key.user}/${key.lab}`;
}
