import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { dockerRanges } from './docker-ranges.ts';
import { hostRoutes } from './host-routes.ts';
import { addressIn, formatRange, type Ipv4Range, overlap, rangesWithin } from './ipv4-range.ts';
import { PREFIX, parsePool } from './pool-range.ts';

/** A network address range that nobody else gets until it is disposed of. Dispose when Docker knows the network, or it failed. */
export interface SubnetReservation extends Disposable {
  /** "10.209.0.16/28" */
  readonly cidr: string;
  /** The nth address of the range: 1 is the gateway that Docker takes, 14 the last of a /28. */
  host(n: number): string;
}

/** Cuts the networks of workspaces out of one range. */
export interface SubnetPool {
  /**
   * A free /28: the lowest, or any by chance, for who was beaten to the lowest by another factory that looks for it as well.
   * Rejects with `SUBNETS_EXHAUSTED`, `DOCKER_UNAVAILABLE`, `DOCKER_FAILED`, `TIMED_OUT`.
   */
  reserve(signal: AbortSignal, which?: 'lowest' | 'any'): Promise<SubnetReservation>;
}

export interface SubnetPoolOptions {
  readonly engine: DockerEngine;
  /** "10.209.0.0/16", as `clusters.subnets` says. */
  readonly within: string;
  /** What this host has routes to besides Docker's networks; best effort. */
  readonly routes?: () => Promise<readonly Ipv4Range[]>;
}

/** Throws `CONFIG_INVALID` where `within` is not an IPv4 range of /28 or larger. */
export function createSubnetPool({ engine, within, routes = hostRoutes }: SubnetPoolOptions): SubnetPool {
  const pool = parsePool(within);
  const reserved = new Set<Ipv4Range>();
  return {
    async reserve(signal, which = 'lowest') {
      // A reservation that ends while Docker lists its networks may not be in that list yet.
      const reservedBefore = [...reserved];
      const [networks, reachable] = await Promise.all([dockerRanges(engine, signal), routes()]);
      const taken = [...networks.map(({ range }) => range), ...reachable, ...reservedBefore, ...reserved];
      const free = freeRanges(pool, taken);
      const candidate = which === 'any' ? anyOf([...free]) : free.next().value;
      if (candidate === undefined) throw exhausted(within);
      reserved.add(candidate);
      return {
        cidr: formatRange(candidate),
        host: (n) => addressIn(candidate, n),
        [Symbol.dispose]: () => void reserved.delete(candidate),
      };
    },
  };
}

function* freeRanges(pool: Ipv4Range, taken: readonly Ipv4Range[]): Generator<Ipv4Range, undefined> {
  for (const range of rangesWithin(pool, PREFIX)) {
    if (!taken.some((other) => overlap(range, other))) yield range;
  }
}

function anyOf(ranges: readonly Ipv4Range[]): Ipv4Range | undefined {
  return ranges[Math.floor(Math.random() * ranges.length)];
}

function exhausted(within: string): FactoryError {
  return new FactoryError(
    'SUBNETS_EXHAUSTED',
    `All networks in ${within} are taken; give clusters.subnets a larger one, or remove workspaces nobody needs.`,
  );
}
