import ipaddr from 'ipaddr.js';

/** An IPv4 network: its first address as a number, and the length of its prefix in bits. */
export interface Ipv4Range {
  readonly first: number;
  readonly prefix: number;
}

/** The range in CIDR notation, its host bits cleared; undefined for anything else, IPv6 included. */
export function parseRange(cidr: string): Ipv4Range | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  return { first: toNumber(ipaddr.IPv4.networkAddressFromCIDR(cidr)), prefix };
}

export function formatRange(range: Ipv4Range): string {
  return `${addressIn(range, 0)}/${range.prefix}`;
}

/** The address `offset` above the range's first. */
export function addressIn(range: Ipv4Range, offset: number): string {
  if (offset < 0 || offset >= sizeOf(range.prefix)) {
    throw new RangeError(`a /${range.prefix} has no address ${offset}`);
  }
  const address = range.first + offset;
  return new ipaddr.IPv4([24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff)).toString();
}

export function overlap(one: Ipv4Range, other: Ipv4Range): boolean {
  return one.first < other.first + sizeOf(other.prefix) && other.first < one.first + sizeOf(one.prefix);
}

/** The ranges of that prefix length in `range`, in ascending order. */
export function* rangesWithin(range: Ipv4Range, prefix: number): Generator<Ipv4Range, undefined> {
  const step = sizeOf(prefix);
  for (let first = range.first; first < range.first + sizeOf(range.prefix); first += step) {
    yield { first, prefix };
  }
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

function toNumber(address: ipaddr.IPv4): number {
  return address.toByteArray().reduce((sum, octet) => sum * 256 + octet, 0);
}
