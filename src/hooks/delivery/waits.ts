import type { Clock } from '../../time/clock.ts';

/** Those who wait for something to be over. */
export class Waits {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<(outcome?: string) => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `name` is settled, with why where that was told; or after `limit` ms. Rejects when `signal` aborts. */
  async wait(name: string, limit: number, signal: AbortSignal): Promise<string | undefined> {
    if (limit <= 0) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    const abort = () => reject(signal.reason);
    const those = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, those.add(resolve));
    signal.addEventListener('abort', abort, { once: true });
    using _limit = this.#clock.schedule(limit, () => resolve(undefined));
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
      those.delete(resolve);
      if (those.size === 0 && this.#waiting.get(name) === those) this.#waiting.delete(name);
    }
  }

  settle(name: string, why?: string): void {
    const those = this.#waiting.get(name);
    this.#waiting.delete(name);
    for (const resolve of those ?? []) resolve(why);
  }
}
