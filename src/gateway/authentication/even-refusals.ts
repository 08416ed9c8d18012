import type { Clock } from '../../time/clock.ts';
import { wait } from '../../time/wait.ts';

/** Longer than a source of keys takes on most days, and short enough for somebody whose second key is right; ms. */
const STEP = 1_000;

/**
 * When the refusals of one connection are answered where nobody may learn from them which names there are. One name's keys are in a
 * cache, another's have to be fetched: so the first refusal waits until all that could be asked has been answered, and from then to the
 * next full step after the request. Later ones have nothing left to wait for, whatever the name.
 */
export class EvenRefusals {
  readonly #clock: Clock;
  #arrived: number | undefined;
  #first: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request is here that may be refused. The time counts from the first, before anything is looked up for it. */
  arrive(): void {
    this.#arrived ??= this.#clock.now();
  }

  /** Resolves at the moment for the answer; never rejects, also not when `signal` aborts. `everything`: what was to be found out. */
  async moment(everything: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    this.#first ??= this.#wait(everything, signal);
    await this.#first;
  }

  async #wait(everything: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    this.arrive();
    await everything();
    const now = this.#clock.now();
    const taken = Math.max(now - (this.#arrived ?? now), 0);
    await wait((Math.floor(taken / STEP) + 1) * STEP - taken, this.#clock, signal);
  }
}
