import { type Samples, summarize } from './comparison.ts';

/** What something that does nothing takes of the host's memory; bytes. */
export interface MemoryUse {
  readonly what: string;
  readonly awake: Samples;
  readonly paused: Samples;
  readonly stopped: Samples;
  /** Awake, by `docker stats`; empty where the engine has no figures. */
  readonly dockerStats: Samples;
}

/** The parts of a workspace, each by itself. */
export interface WorkspaceMemory {
  /** The image of the nodes. */
  readonly image: string;
  /** Clusters of one node, the first with all that k3s brings. */
  readonly clusters: readonly MemoryUse[];
  readonly agent: MemoryUse;
  readonly container: MemoryUse;
}

/** What is left to the system, the factory and its Traefik; bytes. */
const REST = 2 * 2 ** 30;

/** How many workspaces fit in so many bytes of memory: of each cluster and its lab's container as they were, doing nothing. */
export function fitting(memory: number, cluster: MemoryUse, container: MemoryUse): number {
  const each = summarize(cluster.awake).median + summarize(container.awake).median;
  return Math.floor((memory - REST) / each);
}
