/** What one cluster takes; measured with k3d 5 and Kubernetes 1.35, a server alone and nothing in it. Memory and disk in bytes. */
export const CLUSTER_COST = {
  memory: 540 * 2 ** 20,
  disk: 575 * 10 ** 6,
  inotifyInstances: 15,
} as const;

/** A workspace with a cluster takes two networks: the container's own and the cluster's. */
export const NETWORKS_OF_A_WORKSPACE = 2;

/** How many clusters of that cost fit into `amount`. */
export function clustersIn(amount: number, cost: number): number {
  return Math.max(0, Math.floor(amount / cost));
}
