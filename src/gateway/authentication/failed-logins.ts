import { BlockList, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { FailedLoginsConfig } from '../../config/factory-config.ts';
import { IPV6_PREFIX, networkOf, plainAddress } from '../../names/network-of.ts';

const SECOND = 1_000;
/** Addresses that are remembered; the least recently seen go first. */
const MOST_ADDRESSES = 10_000;
/** How long a good login speaks for its address, and a lock-out against it; ms. */
const REMEMBERED_FOR = 24 * 3_600 * SECOND;
/** Each failure too many delays the next refusal by so much more; ms. */
const SLOWER_BY = 100;
const SLOWEST = 5 * SECOND;
/** From where somebody has logged in lately: the others there are in the right. */
const SLOWEST_AMONG_FRIENDS = SECOND;

/** Nobody may log in from there for now. */
export interface ClosedAddress {
  /** Of IPv6 a network: "2001:db8::/64". */
  readonly address: string;
  /** ms since the epoch. */
  readonly until: number;
}

interface Closings {
  readonly times: number;
  /** The end of the last one; ms since the epoch. */
  readonly until: number;
}

const NEVER_CLOSED: Closings = { times: 0, until: 0 };

/**
 * Counts the logins that failed, by address, and slows down and closes out who fails again and again. A class behind one address is
 * not to suffer for one bad laptop: a login that succeeds wipes out what was counted, and for a day its address is not closed out.
 */
export class FailedLogins {
  readonly #limits: FailedLoginsConfig;
  readonly #exempt = new BlockList();
  /** Failures in the window; while an address is closed out its window is the time that this still takes. */
  readonly #failures: RateLimiterMemory;
  /** How often an address has been closed out since its last good login. The library's own memory has no bound, so this is its bound. */
  readonly #closings: LRUCache<string, Closings>;
  readonly #friends: LRUCache<string, true>;

  /** `most`: addresses that are remembered. */
  constructor(limits: FailedLoginsConfig, most = MOST_ADDRESSES) {
    this.#limits = limits;
    for (const network of limits.exempt) {
      const [address, bits] = ipaddr.parseCIDR(network);
      this.#exempt.addSubnet(address.toString(), bits, address.kind());
    }
    this.#failures = new RateLimiterMemory({
      points: Number.MAX_SAFE_INTEGER,
      duration: limits.within / SECOND,
    });
    // The limiter's clock as well.
    const bounds = { max: most, ttl: REMEMBERED_FOR, perf: Date };
    this.#friends = new LRUCache(bounds);
    this.#closings = new LRUCache({
      ...bounds,
      noDisposeOnSet: true,
      dispose: (_closings, place) => void this.#failures.delete(place),
    });
  }

  /** Whether a new connection may try. `closedFor`: ms. */
  async look(address: string): Promise<{ readonly closedFor: number }> {
    const place = this.#placeOf(address);
    if (place === undefined || !this.#isTooMany(place, await this.#count(place))) return { closedFor: 0 };
    const closed = await this.#failures.get(place);
    return { closedFor: Math.max(closed?.msBeforeNext ?? 0, 0) };
  }

  /** How much later a refusal is to come; ms. */
  async slowness(address: string): Promise<number> {
    const { slowAfter } = this.#limits;
    const place = this.#placeOf(address);
    if (place === undefined || slowAfter === 0) return 0;
    const tooMany = Math.max((await this.#count(place)) - slowAfter, 0);
    return Math.min(tooMany * SLOWER_BY, this.#friends.has(place) ? SLOWEST_AMONG_FRIENDS : SLOWEST);
  }

  /** A connection ended without a login. Resolves with for how long its address is closed out now, if this was the one too many; ms. */
  async failed(address: string): Promise<number | undefined> {
    const place = this.#placeOf(address);
    if (place === undefined) return undefined;
    const closings = this.#closings.get(place) ?? NEVER_CLOSED;
    this.#closings.set(place, closings);
    // Connections that were under way when the address was closed out change nothing.
    if (this.#isTooMany(place, await this.#count(place))) return undefined;
    const { consumedPoints } = await this.#failures.penalty(place);
    // Not also for those that ended in the same moment.
    if (consumedPoints !== this.#limits.closeAfter || !this.#isTooMany(place, consumedPoints))
      return undefined;
    const { closedFor, longest } = this.#limits;
    const time = Math.min(closedFor * 2 ** Math.min(closings.times, 30), longest);
    this.#closings.set(place, { times: closings.times + 1, until: Date.now() + time });
    await this.#failures.set(place, consumedPoints, time / SECOND);
    return time;
  }

  succeeded(address: string): void {
    const place = this.#placeOf(address);
    if (place === undefined) return;
    this.#friends.set(place, true);
    this.#closings.delete(place);
  }

  /** Which addresses are closed out now; the one that failed last is the first. */
  closedOut(): readonly ClosedAddress[] {
    const now = Date.now();
    return [...this.#closings]
      .filter(([place, { until }]) => until > now && !this.#friends.has(place))
      .map(([place, { until }]) => ({
        address: isIPv6(place) ? `${place}/${IPV6_PREFIX}` : place,
        until,
      }));
  }

  async #count(place: string): Promise<number> {
    const counted = await this.#failures.get(place);
    return counted === null || counted.msBeforeNext <= 0 ? 0 : counted.consumedPoints;
  }

  #isTooMany(place: string, failures: number): boolean {
    const { closeAfter } = this.#limits;
    return closeAfter !== 0 && failures >= closeAfter && !this.#friends.has(place);
  }

  /** Undefined: it may fail as often as it likes. */
  #placeOf(address: string): string | undefined {
    const plain = plainAddress(address);
    if (this.#exempt.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')) return undefined;
    return networkOf(address);
  }
}
