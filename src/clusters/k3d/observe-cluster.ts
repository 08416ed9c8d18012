import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import type { DockerNames } from '../../names/docker-names.ts';
import type { ClusterState } from '../../workspaces/ports/clusters.ts';
import { clusterState } from './cluster-state.ts';
import { type ClusterNode, clusterNodes, members, serverOf } from './nodes/cluster-nodes.ts';
import { isMarkedComplete } from './nodes/completion-mark.ts';
import { hasNetwork } from './removal.ts';

/** A cluster as Docker shows it now. */
export interface Observation {
  readonly state: ClusterState;
  /** Another after each start of the server, whoever started it; undefined where there is none. */
  readonly life: string | undefined;
}

export interface ObserveOptions {
  /** Whether a removal of it was begun and did not come to its end. */
  readonly half?: boolean;
}

export async function observeCluster(
  engine: DockerEngine,
  names: Pick<DockerNames, 'cluster' | 'clusterNetwork'>,
  signal: AbortSignal,
  { half = false }: ObserveOptions = {},
): Promise<Observation> {
  const { nodes, server, container } = await look(engine, names.cluster, signal);
  const state = clusterState({
    nodes,
    hasNetwork: nodes.length > 0 || (await hasNetwork(engine, names.clusterNetwork, signal)),
    complete: isMarkedComplete(container),
    half,
  });
  const life = server && container && `${container.Id} ${container.State.StartedAt}`;
  return { state, life };
}

/**
 * The nodes, and the container of the one that speaks for the cluster; undefined where none can. One that went after it was
 * listed says nothing of the others, so another speaks then.
 */
async function look(engine: DockerEngine, cluster: string, signal: AbortSignal) {
  for (const gone = new Set<string>(); ; ) {
    const listed = await clusterNodes(engine, cluster, signal);
    const nodes = listed.filter(({ id }) => !gone.has(id));
    const server = serverOf(nodes);
    // One that was taken down has another mark than a finished creation.
    const speaker = server ?? members(nodes).find(({ takenDown }) => !takenDown);
    const container = speaker && (await inspectNode(engine, speaker, signal));
    if (speaker === undefined || container !== undefined) return { nodes, server, container };
    gone.add(speaker.id);
  }
}

function inspectNode(engine: DockerEngine, node: ClusterNode, signal: AbortSignal) {
  return engine.callUnless([404], {
    what: 'look at the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).inspect({ abortSignal }),
  });
}
