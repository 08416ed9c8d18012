import { type Inventory, takeInventory } from '../../inventory/inventory.ts';
import { findOrphans, type Orphan } from '../../inventory/orphans.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import type { LabName } from '../../names/lab-name.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { counted } from '../../words/amounts.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, together } from '../judgement.ts';

export const leftovers: Check = {
  needs: 'engine',
  limit: 60_000,
  look: async (site, { engine }, signal) => {
    const { instance, labs } = site;
    const running = site.isRunning();
    const inventory = await takeInventory(engine, instance, { list: site.creations }, signal);
    const seen = { inventory, creations: await site.creations(), instance, running, now: Date.now() };
    return judgeLeftovers(seen, (lab) => labs.get(lab) !== undefined);
  },
};

export interface SeenLeftovers {
  readonly instance: InstanceId;
  readonly inventory: Pick<Inventory, 'workspaces' | 'objects'>;
  /** The clusters that are just being created, or whose creation was cut off. */
  readonly creations: readonly WorkspaceKey[];
  /** Whether a factory runs, which may be just making what is young. */
  readonly running: boolean;
  /** ms since the epoch */
  readonly now: number;
}

export function judgeLeftovers(seen: SeenLeftovers, isOffered: (lab: LabName) => boolean): Judgement {
  const { creations, running, inventory } = seen;
  // The creations of a factory that runs are its own business.
  const under = new Set(running ? creations.map(formatWorkspaceKey) : []);
  const isLive = (key: WorkspaceKey) => under.has(formatWorkspaceKey(key));
  const makers = running ? 'unknown' : 'none';
  const circumstances = { now: seen.now, makers, isLive, isWorking: isLive } as const;
  const orphans = findOrphans({ ...seen, routes: [], aside: [], terminals: [] }, circumstances);
  const there = inventory.workspaces.filter(({ containers, nodes }) => containers.length + nodes.length > 0);
  const judgements = [
    ...orphans.map(judgeOrphan),
    ...there.filter(({ key }) => !isOffered(key.lab)).map(({ key }) => withoutLab(key, running)),
  ];
  return together(judgements, `none beside ${counted(there.length, 'workspace')}`);
}

function judgeOrphan({ kind, name, key, why }: Orphan): Judgement {
  if (kind !== 'home') return doubtful(`the ${kind} ${name}: ${why}`, './factory gc');
  const workspace = key === undefined ? name : formatWorkspaceKey(key);
  return doubtful(
    `the home of ${workspace} has no container; its next login uses it`,
    `./factory gc --homes   # with all files of its owner in it`,
  );
}

/** Nobody can log in to it any more. */
function withoutLab(key: WorkspaceKey, running: boolean): Judgement {
  const name = formatWorkspaceKey(key);
  const text = `${name} is there, and no lab "${key.lab}" is configured`;
  const command = running ? 'workspace delete' : 'purge --workspace';
  return doubtful(text, `./factory ${command} ${name}   # its home stays`);
}
