import type { Circumstances } from '../inventory/orphans.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { PartSnapshot, WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';

/** What the controllers know now. `now`: ms since the epoch. */
export function circumstancesOf(snapshots: readonly WorkspaceSnapshot[], now: number): Circumstances {
  const byName = new Map(snapshots.map((snapshot) => [formatWorkspaceKey(snapshot.key), snapshot]));
  const partsOf = (key: WorkspaceKey): readonly PartSnapshot[] => {
    const found = byName.get(formatWorkspaceKey(key));
    if (found === undefined) return [];
    return found.cluster === undefined ? [found.container] : [found.container, found.cluster];
  };
  const isWorking = (key: WorkspaceKey) => partsOf(key).some(({ phase }) => phase.kind === 'working');
  return {
    now,
    makers: 'known',
    isWorking,
    isLive: (key) =>
      isWorking(key) ||
      (byName.get(formatWorkspaceKey(key))?.leases.length ?? 0) > 0 ||
      // Where nobody has looked yet there may be anything.
      partsOf(key).some(({ observed }) => observed?.state !== 'absent'),
  };
}
