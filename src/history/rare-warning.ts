import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';

/** ms */
const QUIET_FOR = 60_000;

/** A warning that would come again and again, as on a full disk, is logged once and then at most once in a minute. */
export class RareWarning {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  warn(error: unknown, message: string): void {
    const now = this.#clock.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + QUIET_FOR;
    this.#logger.warn({ err: error }, message);
  }
}
