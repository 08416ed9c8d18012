import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What to put into the zone of a domain, as a zone file has it (RFC 1035 §5.1); the wildcard is for all names below (RFC 4592). */
export function zoneLines(names: readonly string[], addresses: readonly string[]): readonly string[] {
  const records =
    addresses.length === 0
      ? ['A <public address of this host>']
      : addresses.map((address) => `${isIPv6(address) ? 'AAAA' : 'A'} ${address}`);
  return names.flatMap((name) => records.map((record) => `${name}. 300 IN ${record}`));
}

/** Whether anybody on the Internet could reach it. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast';
}
