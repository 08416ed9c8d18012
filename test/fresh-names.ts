import { type InstanceId, parseInstanceId } from '../src/names/instance-id.ts';
import { parseLabName } from '../src/names/lab-name.ts';
import { parseUsername } from '../src/names/username.ts';
import type { WorkspaceKey } from '../src/names/workspace-key.ts';

/** Of a factory that nobody else has. */
export function freshInstance(): InstanceId {
  const id = parseInstanceId(`kt${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`);
  if (id === undefined) throw new Error('no instance id');
  return id;
}

export function workspace(user: string, lab: string): WorkspaceKey {
  const parsed = { user: parseUsername(user), lab: parseLabName(lab) };
  if (parsed.user === undefined || parsed.lab === undefined) throw new Error('bad name');
  return { user: parsed.user, lab: parsed.lab };
}
