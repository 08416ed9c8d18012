import type { DockerNames } from '../../../names/docker-names.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import { type ClusterNode, members, nodeNumber } from './cluster-nodes.ts';

/** The address that a node was made with and must have for good: k3s does not come back on another (k3d issues 550 and 1637). */
export function fixedAddress(node: Pick<ClusterNode, 'role' | 'name'>, network: ClusterNetwork): string {
  const number = nodeNumber(node);
  if (node.role === 'agent') return network.agent(number);
  return number === 0 ? network.server : network.furtherServer(number);
}

/** The nodes with processes that are not where they must be; paused ones count. */
export function strayNodes(
  nodes: readonly ClusterNode[],
  names: Pick<DockerNames, 'clusterNetwork'>,
  network: ClusterNetwork,
): readonly ClusterNode[] {
  return members(nodes).filter((node) => {
    if (node.state !== 'running' && node.state !== 'paused') return false;
    return node.addresses[names.clusterNetwork] !== fixedAddress(node, network);
  });
}
