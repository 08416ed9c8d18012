import { parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { WorkspaceEvent } from '../../workspaces/ports/events.ts';

export function keyOf(user: string, lab: string): WorkspaceKey {
  const key = parseWorkspaceKey(user, lab);
  if (key === undefined) throw new Error(`${user}/${lab} is no workspace`);
  return key;
}

/** An event like any other, told apart by its time. */
export function eventAt(at: number, key: WorkspaceKey = keyOf('alice', 'k3s')): WorkspaceEvent {
  return {
    at,
    key,
    kind: 'step_done',
    part: 'cluster',
    action: 'suspend',
    from: 'running',
    to: 'suspended',
    ms: 40,
    cause: { kind: 'time', after: 'grace' },
  };
}
