import { NODE_VOLUMES } from '../clusters/k3d/recovery/rebuild-cluster.ts';

/**
 * The folders of a node that make it itself. The rest of a stopped node is its image, caches of its own kubectl, and a
 * resolv.conf with the name servers of the host, which a restore takes from the host where it runs.
 */
export const NODE_PARTS = {
  ...NODE_VOLUMES,
  /** The node's password, which the server knows it by, and settings such as registries.yaml. */
  rancher: '/etc/rancher',
  /** The kubeconfig that k3d has k3s write. */
  output: '/output',
} as const;

export type NodePart = keyof typeof NODE_PARTS;

export const nodeParts = Object.keys(NODE_PARTS) as readonly NodePart[];
