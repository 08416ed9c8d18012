import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { type DockerRange, dockerRanges } from './docker-ranges.ts';
import { hostRoutes } from './host-routes.ts';
import { formatRange, type Ipv4Range, overlap, rangesWithin } from './ipv4-range.ts';
import { PREFIX, parsePool } from './pool-range.ts';

/** How much of a pool can be had. */
export interface PoolUsage {
  /** How many networks the pool is cut into. */
  readonly total: number;
  readonly free: number;
  /** What is no network of a workspace and takes some of the pool: "the Docker network mine (10.209.0.0/20)". */
  readonly neighbours: readonly string[];
}

/** Of the pool `within`, as `createSubnetPool` takes it. Throws and rejects as that does. */
export async function poolUsage(
  { engine, within }: { readonly engine: DockerEngine; readonly within: string },
  signal: AbortSignal,
): Promise<PoolUsage> {
  const pool = parsePool(within);
  const [networks, routes] = await Promise.all([dockerRanges(engine, signal), hostRoutes()]);
  return usageOf(pool, networks, routes);
}

export function usageOf(
  pool: Ipv4Range,
  networks: readonly DockerRange[],
  routes: readonly Ipv4Range[],
): PoolUsage {
  const taken = [...networks.map(({ range }) => range), ...routes].filter((range) => overlap(pool, range));
  let free = 0;
  for (const range of rangesWithin(pool, PREFIX))
    if (!taken.some((other) => overlap(range, other))) free += 1;
  return {
    total: 2 ** (PREFIX - pool.prefix),
    free,
    neighbours: [
      ...networks
        .filter(({ range }) => isNeighbour(pool, range))
        .map(({ network, range }) => `the Docker network ${network} (${formatRange(range)})`),
      ...routes
        .filter((route) => isNeighbour(pool, route) && !networks.some(({ range }) => isSame(range, route)))
        .map((route) => `a route of this host (${formatRange(route)})`),
    ],
  };
}

/** Factories take networks of just one size; those of another factory may come out of the same pool and harm nobody. */
function isNeighbour(pool: Ipv4Range, range: Ipv4Range): boolean {
  return range.prefix !== PREFIX && overlap(pool, range);
}

function isSame(one: Ipv4Range, other: Ipv4Range): boolean {
  return one.first === other.first && one.prefix === other.prefix;
}
