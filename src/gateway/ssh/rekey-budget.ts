import type { Clock } from '../../time/clock.ts';

/** One more key exchange may be asked for each time that has passed; ms. */
const REFILL_EVERY = 1_000;

export interface RekeyAllowance {
  /** Key exchanges that a peer may ask for at once… */
  readonly burst: number;
  /** …and then one more for each so many bytes, besides those that come with time. */
  readonly refillBytes: number;
}

/**
 * Counts the key exchanges of one connection. Each costs milliseconds in which nobody else is served, and a peer that picks
 * its numbers well pays nothing for them.
 */
export class RekeyBudget {
  readonly #allowance: RekeyAllowance;
  readonly #clock: Clock;
  #left: number;
  #since: number;
  #bytes = 0;

  constructor(allowance: RekeyAllowance, clock: Clock) {
    this.#allowance = allowance;
    this.#left = allowance.burst;
    this.#clock = clock;
    this.#since = clock.now();
  }

  /**
   * Takes one; false: there was none left.
   *
   * @param bytes that the connection has carried until now
   */
  take(bytes: number): boolean {
    const { burst, refillBytes } = this.#allowance;
    const now = this.#clock.now();
    const earned = (now - this.#since) / REFILL_EVERY + (bytes - this.#bytes) / refillBytes;
    this.#since = now;
    this.#bytes = bytes;
    this.#left = Math.min(burst, this.#left + earned) - 1;
    return this.#left >= 0;
  }
}
