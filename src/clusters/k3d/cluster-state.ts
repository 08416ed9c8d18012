import type { ClusterState } from '../../workspaces/ports/clusters.ts';
import { type ClusterNode, members, serverOf } from './nodes/cluster-nodes.ts';

/** What Docker shows of a cluster. */
export interface ObservedCluster {
  readonly nodes: readonly ClusterNode[];
  readonly hasNetwork: boolean;
  /** The server, or where that is gone another node, carries the mark of a finished creation. */
  readonly complete: boolean;
  /** A removal of it was begun and did not come to its end. */
  readonly half: boolean;
}

/**
 * The state in which the next step mends what is odd: nodes of which some do not run are `stopped`, as a start starts
 * those; of which some are paused, `suspended`, as a resume wakes those. A finished cluster that lost a node is not
 * `incomplete`, because that is removed and with it what its owner made: a start says what can be done about it. An agent
 * that its owner took down is as it should be.
 */
export function clusterState(observed: ObservedCluster): ClusterState {
  if (observed.nodes.length === 0) return observed.hasNetwork ? 'incomplete' : 'absent';
  const nodes = members(observed.nodes).filter(({ state }) => state !== 'removing');
  if (!observed.complete || observed.half || nodes.length === 0) return 'incomplete';
  const states = new Set(nodes.filter(({ takenDown }) => !takenDown).map(({ state }) => state));
  if (NOT_RUNNING.some((state) => states.has(state)) || serverOf(nodes) === undefined) return 'stopped';
  return states.has('paused') ? 'suspended' : 'running';
}

/** Docker's words. Nodes that a restore made are `created`: they have not run yet. */
const NOT_RUNNING = ['exited', 'created', 'restarting', 'dead'] as const;
