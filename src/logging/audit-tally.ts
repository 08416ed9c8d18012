import { type AuditEntry, audit } from './audit.ts';
import type { Logger } from './logger.ts';

/** How long what comes from one place is one matter; ms. */
const WINDOW = 60_000;
/** Places in one window that get lines of their own. */
const MOST_PLACES = 100;

interface Tally {
  readonly entry: AuditEntry;
  readonly message: string;
  times: number;
}

/**
 * For decisions that anybody can bring about as often as they like: the first from a place is a line of the audit log at once, the
 * others are counted in one line when the minute is over, or when it is disposed of. However many come, and from however many places, the
 * log is not filled by it.
 */
export class AuditTally implements Disposable {
  readonly #logger: Logger;
  readonly #tallies = new Map<string, Tally>();
  #others: Tally | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Whether it was the first of its place, and is in the log now. */
  note(place: string, entry: AuditEntry, message: string, fields: object = {}): boolean {
    this.#timer ??= setTimeout(() => this[Symbol.dispose](), WINDOW).unref();
    const tally = this.#tallies.get(place);
    if (tally !== undefined) tally.times += 1;
    else if (this.#tallies.size < MOST_PLACES) {
      this.#tallies.set(place, { entry, message, times: 1 });
      audit(this.#logger, entry, message, fields);
      return true;
    } else {
      this.#others ??= { entry: { ...entry, who: '', from: 'other places' }, message, times: 0 };
      this.#others.times += 1;
    }
    return false;
  }

  /** Whether the place has lines of its own for now. */
  has(place: string): boolean {
    return this.#tallies.has(place);
  }

  /** Tells what was counted. What comes later is counted anew. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const often = [...this.#tallies.values()].filter(({ times }) => times > 1);
    for (const { entry, message, times } of [...often, ...(this.#others ? [this.#others] : [])]) {
      audit(this.#logger, { ...entry, reason: undefined, times }, `${message}, so often within a minute`);
    }
    this.#tallies.clear();
    this.#others = undefined;
  }
}
