import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';

/** ms */
const RETRY_AFTER = 1_000;
/** So many are remembered; a factory whose disk is full for longer has other troubles. */
const MOST = 10_000;

/** sqlite3.h: what the disk, the machine or another program is to blame for, and so may be over in a moment. */
const PASSING_FAULTS: ReadonlySet<number> = new Set([
  5, // SQLITE_BUSY
  6, // SQLITE_LOCKED
  7, // SQLITE_NOMEM
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
]);

/**
 * Writes in the order in which they are given. What can not be written, as on a full disk, is remembered and tried again. What would fail
 * for ever is a mistake of ours: it is lost, and told, and nobody else's hooks wait behind it.
 */
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
    for (let write = this.#waiting[0]; write !== undefined; write = this.#waiting[0]) {
      if (!this.#isDone(write)) return false;
      this.#waiting.shift();
    }
    return true;
  }

  /** False: it is worth another try. */
  #isDone(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      const isPassing = isPassingFault(error);
      const outcome = isPassing ? 'hooks can not be written down; it is tried again' : 'a hook is lost';
      this.#logger.error({ err: error }, outcome);
      return !isPassing;
    }
  }
}

/** Errors of SQLite have its number; the low byte is the kind, the others say more of it. */
function isPassingFault(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && PASSING_FAULTS.has(Number(error.errcode) & 0xff);
}
