import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';

/** ms */
const RETRY_AFTER = 1_000;
/** So many are remembered; a factory whose disk is full for longer has other troubles. */
const MOST = 10_000;

/** Writes in the order in which they are given. What can not be written, as on a full disk, is remembered and tried again. */
export class SteadyWrites implements Disposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiting: (() => void)[] = [];
  #timer: Disposable | undefined;

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Never throws. */
  run(write: () => void): void {
    if (this.#waiting.length >= MOST) {
      this.#logger.error('a hook is lost: too many could not be written');
      return;
    }
    this.#waiting.push(write);
    if (this.#timer === undefined) this.#flush();
  }

  /** Tries the rest now; false: something can still not be written. */
  catchUp(): boolean {
    return this.#waiting.length === 0 || this.#writeAll();
  }

  /** Tries the rest for the last time. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    if (!this.#writeAll()) this.#logger.error({ count: this.#waiting.length }, 'hooks are lost');
  }

  #flush(): void {
    this.#timer = this.#writeAll() ? undefined : this.#clock.schedule(RETRY_AFTER, () => this.#flush());
  }

  #writeAll(): boolean {
    try {
      for (let write = this.#waiting[0]; write !== undefined; write = this.#waiting[0]) {
        write();
        this.#waiting.shift();
      }
      return true;
    } catch (error) {
      this.#logger.error({ err: error }, 'hooks can not be written down; it is tried again');
      return false;
    }
  }
}
