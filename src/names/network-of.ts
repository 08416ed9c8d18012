import { normalizeIP } from '@fastify/rate-limit';

/** Bits of an IPv6 address that name a network (RFC 4291 §2.5.1); the rest is the client's own to choose. */
export const IPV6_PREFIX = 64;

/** What counts as one place that clients come from: an IPv4 address, or of IPv6 the network, without its length: "2001:db8::". */
export function networkOf(address: string): string {
  return normalizeIP(withoutZone(address), IPV6_PREFIX);
}

/** The address itself, an IPv4 one also where it came as IPv6. */
export function plainAddress(address: string): string {
  return normalizeIP(withoutZone(address), 128);
}

/** fe80::1%eth0 (RFC 4007 §11) */
function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}
