import { LRUCache } from 'lru-cache';

const MOST = 10_000;

/**
 * Keys that clients offer on their way to the right one: a student whose agent holds ten need not be told at every login
 * of the nine that are not listed. Kept in memory, the least recently seen go first.
 */
export class BystanderKeys {
  readonly #seen = new LRUCache<string, true>({ max: MOST });

  /** The login of `user` succeeded after these keys had been offered. */
  remember(user: string, fingerprints: readonly string[]): void {
    for (const fingerprint of fingerprints) this.#seen.set(`${user} ${fingerprint}`, true);
  }

  has(user: string, fingerprint: string): boolean {
    return this.#seen.get(`${user} ${fingerprint}`) === true;
  }
}
