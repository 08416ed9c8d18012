import type { DockerNames } from '../../../names/docker-names.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import { type ClusterNode, members } from './cluster-nodes.ts';

/**
 * The address that a node was made with and must have for good: k3s does not come back on another (k3d issues 550 and 1637).
 * Undefined where we fix none: that of a second server.
 */
export function fixedAddress(node: ClusterNode, network: ClusterNetwork): string | undefined {
  const number = Number(/-(\d+)$/.exec(node.name)?.[1] ?? Number.NaN);
  if (node.role === 'agent') return network.agent(number);
  return number === 0 ? network.server : undefined;
}

/** The nodes with processes that are not where they must be; paused ones count. */
export function strayNodes(
  nodes: readonly ClusterNode[],
  names: Pick<DockerNames, 'clusterNetwork'>,
  network: ClusterNetwork,
): readonly ClusterNode[] {
  return members(nodes).filter((node) => {
    if (node.state !== 'running' && node.state !== 'paused') return false;
    const wanted = fixedAddress(node, network);
    const found = node.addresses[names.clusterNetwork];
    return found !== (wanted ?? found) || !found;
  });
}
