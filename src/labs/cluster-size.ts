/** How many servers a cluster may have: etcd needs a majority of them, so an even number is no safer than the odd one before it. */
export const SERVER_COUNTS = [1, 3, 5] as const;

/** Servers and agents together: so many addresses the network of a cluster has for them. */
export const MOST_NODES = 11;
