import type { ClusterState } from '../../workspaces/ports/clusters.ts';
import { type ClusterNode, members, NODE_LABEL, serverOf } from './cluster-nodes.ts';

/** What Docker shows of a cluster. */
export interface ObservedCluster {
  readonly nodes: readonly ClusterNode[];
  readonly hasNetwork: boolean;
  /** The server carries the mark of a finished creation. */
  readonly complete: boolean;
}

/**
 * The state in which the next step mends what is odd: nodes of which some do not run are `stopped`, as a start starts
 * those; of which some are paused, `suspended`, as a resume wakes those.
 */
export function clusterState(observed: ObservedCluster): ClusterState {
  if (observed.nodes.length === 0) return observed.hasNetwork ? 'incomplete' : 'absent';
  const nodes = members(observed.nodes);
  if (!observed.complete || isMissingNodes(nodes)) return 'incomplete';
  const states = new Set(nodes.map((node) => node.state));
  if (states.has('dead') || states.has('removing')) return 'incomplete';
  // Nodes that a restore made have not run yet.
  if (states.has('exited') || states.has('created')) return 'stopped';
  return states.has('paused') ? 'suspended' : 'running';
}

function isMissingNodes(nodes: readonly ClusterNode[]): boolean {
  const agents = Number(serverOf(nodes)?.labels[NODE_LABEL.agents]);
  return nodes.length !== agents + 1;
}
