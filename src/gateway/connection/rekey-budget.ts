import type { Clock } from '../../time/clock.ts';

/** Key exchanges that a client may ask for at once… */
const BURST = 64;

/** …and then one more for each time that has passed, ms… */
const REFILL_EVERY = 1_000;

/** …and for each so many bytes that went through: `ssh -o RekeyLimit=256K` is somebody's good right. */
const REFILL_BYTES = 48 * 1024;

/**
 * Counts the key exchanges of one connection. Each costs milliseconds in which nobody else is served, and a client that picks
 * its numbers well pays nothing for them.
 */
export class RekeyBudget {
  readonly #clock: Clock;
  #left = BURST;
  #since: number;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  /**
   * Takes one; false: there was none left.
   *
   * @param bytes that the connection has carried until now, both ways
   */
  take(bytes: number): boolean {
    const now = this.#clock.now();
    const earned = (now - this.#since) / REFILL_EVERY + (bytes - this.#bytes) / REFILL_BYTES;
    this.#since = now;
    this.#bytes = bytes;
    this.#left = Math.min(BURST, this.#left + earned) - 1;
    return this.#left >= 0;
  }
}
