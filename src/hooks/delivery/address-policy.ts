import ipaddr from 'ipaddr.js';

/** Where hooks may go. */
export interface AddressPolicy {
  /** Ranges that are not public and may be called all the same: "10.0.0.0/8". */
  readonly privateAddresses: readonly string[];
}

/** All of IPv6 that is routed in public, RFC 4291 §2.4. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/**
 * `public`: of the internet. `private`: not, but the operator allows it. `refused`: the host's own addresses, its networks, its cloud's
 * metadata, and all that are special in any way. `address`: an IP address; a v4 address in v6 clothes is taken for what it is.
 */
export function judgeAddress(address: string, policy: AddressPolicy): 'public' | 'private' | 'refused' {
  if (!ipaddr.isValid(address)) return 'refused';
  const parsed = ipaddr.process(address);
  if (policy.privateAddresses.some((range) => isWithin(parsed, range))) return 'private';
  if (parsed.range() !== 'unicast') return 'refused';
  if (parsed.kind() === 'ipv4') return 'public';
  return parsed.match(GLOBAL_UNICAST) ? 'public' : 'refused';
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, range: string): boolean {
  const [network, bits] = ipaddr.parseCIDR(range);
  return network.kind() === address.kind() && address.match(network, bits);
}
