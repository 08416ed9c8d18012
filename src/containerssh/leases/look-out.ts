import type { Clock } from '../../time/clock.ts';

/** Between the beginnings of two looks, ms: a classroom that leaves at once makes hundreds of events. */
const GAP = 200;

/** Says when to look: on a wish, at a deadline, and never twice at the same time. */
export class LookOut {
  readonly #clock: Clock;
  readonly #look: () => Promise<void>;
  #timer: Disposable | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  /** `look` never rejects. */
  constructor(clock: Clock, look: () => Promise<void>) {
    this.#clock = clock;
    this.#look = look;
  }

  /** There will be a look that begins after this call, and not later than at `at`, ms since the epoch, where the gap lets it. */
  wantedAt(at: number): void {
    if (this.#isClosed) return;
    const due = Math.max(at, this.#lookedAt + GAP);
    if (due >= this.#dueAt) return;
    this.#dueAt = due;
    if (this.#looking === undefined) this.#arm();
  }

  /** Resolves when no look is under way any more; there will be none. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    await this.#looking;
  }

  #arm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#isClosed || this.#dueAt === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.schedule(Math.max(0, this.#dueAt - this.#clock.now()), () => this.#begin());
  }

  #begin(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#lookedAt = this.#clock.now();
    this.#looking = this.#look().then(() => {
      this.#looking = undefined;
      this.#arm();
    });
  }
}
