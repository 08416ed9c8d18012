import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ResourceLimits } from '../../../labs/lab-definition.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import { type ClusterNode, members } from './cluster-nodes.ts';

/**
 * Gives nodes that exist and do not run yet what k3d has no words for: their limits, and the agents a fixed address (k3d
 * fixes only the server's). Both are part of the container from then on and survive stop and start.
 */
export async function prepareNodes(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  settings: {
    readonly limits: ResourceLimits;
    readonly network: ClusterNetwork;
    readonly networkName: string;
  },
  signal: AbortSignal,
): Promise<void> {
  const agents = nodes.filter((node) => node.role === 'agent');
  await Promise.all([
    ...members(nodes).map((node) => limitNode(engine, node, settings.limits, signal)),
    ...agents.map((node, number) =>
      fixAddress(engine, node, settings.networkName, settings.network.agent(number), signal),
    ),
  ]);
}

async function limitNode(
  engine: DockerEngine,
  node: ClusterNode,
  limits: ResourceLimits,
  signal: AbortSignal,
): Promise<void> {
  await engine.call({
    what: 'limit the node',
    signal,
    request: async (docker, abortSignal) => {
      const { NCPU } = await docker.info();
      await docker.getContainer(node.id).update({
        Memory: limits.memory,
        // Memory and swap together: no swap.
        MemorySwap: limits.memory,
        // Docker refuses more cores than there are.
        NanoCpus: Math.round(Math.min(limits.cpus, NCPU) * 1e9),
        PidsLimit: limits.pids,
        abortSignal,
      });
    },
  });
}

async function fixAddress(
  engine: DockerEngine,
  node: ClusterNode,
  networkName: string,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  await engine.call({
    what: 'give the node its address',
    signal,
    request: async (docker) => {
      const network = docker.getNetwork(networkName);
      await network.disconnect({ Container: node.id });
      await network.connect({
        Container: node.id,
        EndpointConfig: { IPAMConfig: { IPv4Address: address } },
      });
    },
  });
}
