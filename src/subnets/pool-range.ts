import { FactoryError } from '../errors/factory-error.ts';
import { type Ipv4Range, parseRange } from './ipv4-range.ts';

/** The length of the prefix of each network that is cut from the pool. */
export const PREFIX = 28;

/** Throws `CONFIG_INVALID` where `within` is not an IPv4 range of /28 or larger. */
export function parsePool(within: string): Ipv4Range {
  const pool = parseRange(within);
  if (pool !== undefined && pool.prefix <= PREFIX) return pool;
  throw new FactoryError(
    'CONFIG_INVALID',
    `clusters.subnets is "${within}"; give an IPv4 network of /${PREFIX} or larger, such as 10.209.0.0/16.`,
  );
}
