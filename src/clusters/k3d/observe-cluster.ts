import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import type { DockerNames } from '../../names/docker-names.ts';
import type { ClusterState } from '../../workspaces/ports/clusters.ts';
import { clusterNodes, serverOf } from './cluster-nodes.ts';
import { clusterState } from './cluster-state.ts';
import { isMarkedComplete } from './completion-mark.ts';
import { hasNetwork } from './removal.ts';

/** The state of a workspace's cluster, as Docker shows it now. */
export async function observeCluster(
  engine: DockerEngine,
  names: Pick<DockerNames, 'cluster' | 'clusterNetwork'>,
  signal: AbortSignal,
): Promise<ClusterState> {
  const nodes = await clusterNodes(engine, names.cluster, signal);
  const server = serverOf(nodes);
  return clusterState({
    nodes,
    hasNetwork: nodes.length > 0 || (await hasNetwork(engine, names.clusterNetwork, signal)),
    complete: server !== undefined && (await isMarkedComplete(engine, server, signal)),
  });
}
