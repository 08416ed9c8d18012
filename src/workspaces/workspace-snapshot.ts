import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Desire } from './desired-state.ts';
import type { PartState } from './parts/part-state.ts';
import type { Pin } from './ports/records.ts';
import type { HeldLease } from './sessions/held-lease.ts';
import type { Phase } from './workspace-access.ts';

/** What was last seen of a part; `running` stands for `unconnected`, too. */
export interface Observation {
  readonly state: Exclude<PartState, 'unconnected'>;
  /** Since when it is known to be so, ms since the epoch. */
  readonly since: number;
  /** It was so already when the factory first looked: it is so for longer than `since` says. */
  readonly longer: boolean;
}

export interface PartSnapshot {
  /** Undefined: nobody has looked yet. */
  readonly observed: Observation | undefined;
  readonly phase: Phase;
}

/** A workspace at one moment, for status. */
export interface WorkspaceSnapshot {
  readonly key: WorkspaceKey;
  /** False: its lab is no longer defined, so it can only go to sleep. */
  readonly labDefined: boolean;
  readonly desire: Desire;
  readonly leases: readonly HeldLease[];
  /** Keeps it awake. */
  readonly pin: Pin | undefined;
  /** What an operator ordered, or the host's memory, until somebody comes. */
  readonly order: 'suspend' | 'stop' | 'delete' | undefined;
  /** What was ordered of the cluster alone, and by whom, until somebody wants it or comes. */
  readonly clusterOrder: { readonly order: 'suspend' | 'stop' | 'delete'; readonly by: string } | undefined;
  /** When the cluster is deleted if nobody comes, ms since the epoch. */
  readonly deleteAt: number | undefined;
  readonly container: PartSnapshot;
  /** Undefined: the lab has no cluster, and none is left from when it had. */
  readonly cluster: PartSnapshot | undefined;
}
