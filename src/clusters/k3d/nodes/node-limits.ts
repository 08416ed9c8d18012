import type { ResourceLimits } from '../../../config/resource-limits.ts';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import { type ClusterNode, members, serverOf } from './cluster-nodes.ts';
import { fixedAddress } from './node-address.ts';

/**
 * Gives nodes that exist and do not run yet what k3d has no words for: their limits, and all but the first server their fixed
 * address (k3d fixes only servers', where agents' are to be). Both are part of the container from then on and survive stop and start.
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
  const { limits, network, networkName } = settings;
  const first = serverOf(nodes);
  await Promise.all([
    ...members(nodes).map((node) => limitNode(engine, node, limits, signal)),
    ...members(nodes)
      .filter((node) => node !== first)
      .map((node) => fixAddress(engine, node, networkName, fixedAddress(node, network), signal)),
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
