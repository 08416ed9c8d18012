import { readFile } from 'node:fs/promises';
import type { Ipv4Range } from './ipv4-range.ts';

/**
 * The IPv4 networks that this host has routes to, without the default route (everything overlaps that). Reads Linux's
 * /proc/net/route; where there is none (macOS, where Docker is in a machine of its own) there is nothing to avoid.
 */
export async function hostRoutes(): Promise<readonly Ipv4Range[]> {
  const table = await readFile('/proc/net/route', 'latin1').catch(() => '');
  return parseRouteTable(table);
}

/** Columns as in proc_pid_net(5): 1 is the destination and 7 the mask, hexadecimal in the host's (little-endian) byte order. */
export function parseRouteTable(table: string): readonly Ipv4Range[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const columns = line.split(/\s+/);
      const [destination, mask] = [columns[1], columns[7]];
      if (destination === undefined || mask === undefined || mask === '00000000') return [];
      return [{ first: swapped(destination), prefix: bitsSet(swapped(mask)) }];
    });
}

function swapped(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE(0);
}

function bitsSet(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}
