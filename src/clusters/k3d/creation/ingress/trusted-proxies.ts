import ipaddr from 'ipaddr.js';
import type { ClusterNetwork } from '../../network/cluster-network.ts';
import { listFlag } from '../../nodes/k3s-arguments.ts';

/** Of pods, where k3s is given no other. */
const POD_NETWORK = '10.42.0.0/16';

/**
 * The networks that requests come from when Traefik in the cluster sees them: k3s's service load balancer and kube-proxy
 * both masquerade, so whoever asked, the sender is an address of the pods' network or of a node's. Its Service has k3s's
 * `externalTrafficPolicy: Cluster`; with `Local` the sender is the edge, whose address is the gateway of the nodes' network.
 * `args`: k3s's.
 */
export function trustedProxies(args: readonly string[], network: ClusterNetwork): readonly string[] {
  return [...podNetworks(args), network.cidr];
}

/** What is no network is left out: k3s refuses it, and its log says so. */
function podNetworks(args: readonly string[]): readonly string[] {
  const given = listFlag(args, '--cluster-cidr').filter((text) => ipaddr.isValidCIDR(text));
  return given.length > 0 ? given : [POD_NETWORK];
}
