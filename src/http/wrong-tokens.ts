import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { FactoryError } from '../errors/factory-error.ts';
import { audit } from '../logging/audit.ts';
import { AuditTally } from '../logging/audit-tally.ts';
import type { Logger } from '../logging/logger.ts';
import type { Origin } from './origin.ts';
import { type Refusal, retryAfter } from './refusal.ts';

/** Requests without a valid token that one address may send in… */
export const MOST_WRONG_TOKENS = 30;
/** …so long; s. */
const WINDOW = 60;
/** Addresses that are remembered; the least recently seen go first. */
const MOST_ADDRESSES = 10_000;
/** Refusals in so long that the log has lines of beside those of the audit log; what was wrong is in them. */
const MOST_LINES = 100;

export interface WrongTokensOptions {
  /** For the log: "api". */
  readonly door: string;
  readonly logger: Logger;
}

/**
 * Counts the requests without a valid token, by address, and answers who sends too many with when to come again. Only those: nobody
 * guesses a signature, so a valid token is taken at any time, and who shares an address with a broken script, or the proxy
 * before us with everybody, is not locked out.
 */
export class WrongTokens implements Disposable {
  readonly #options: WrongTokensOptions;
  readonly #tries = new RateLimiterMemory({ points: MOST_WRONG_TOKENS, duration: WINDOW });
  readonly #lines = new RateLimiterMemory({ points: MOST_LINES, duration: WINDOW });
  readonly #tally: AuditTally;
  /** The library's own memory has no bound, so this is its bound. */
  readonly #places = new LRUCache<string, true>({
    max: MOST_ADDRESSES,
    noDisposeOnSet: true,
    dispose: (_, place) => void this.#tries.delete(place),
  });

  constructor(options: WrongTokensOptions) {
    this.#options = options;
    this.#tally = new AuditTally(options.logger);
  }

  /** @param thrown why the request is turned away; what is not `TOKEN_REFUSED` counts nothing */
  async refusal(thrown: unknown, { place, from }: Origin): Promise<Refusal> {
    if (!(thrown instanceof FactoryError)) return { error: thrown, headers: {} };
    if (thrown.code === 'ACCESS_DENIED') this.#note(thrown, { place, from });
    if (thrown.code !== 'TOKEN_REFUSED') return { error: thrown, headers: {} };
    if (!this.#note(thrown, { place, from })) await this.#spareLog(thrown);
    this.#places.set(place, true);
    const { consumedPoints, msBeforeNext } = await this.#tries.penalty(place);
    if (consumedPoints <= MOST_WRONG_TOKENS) return { error: thrown, headers: {} };
    if (consumedPoints === MOST_WRONG_TOKENS + 1) this.#noteLimit(place);
    const { seconds, headers } = retryAfter(msBeforeNext);
    const message = `Too many requests without a valid token came from your address; try again in ${seconds} s, with a new one (factory token create).`;
    return { error: new FactoryError('TOO_MANY_REQUESTS', message), headers };
  }

  /** For the log's last lines. */
  [Symbol.dispose](): void {
    this.#tally[Symbol.dispose]();
  }

  /** Whether it is in the log now. */
  #note(error: FactoryError, { place, from }: Origin): boolean {
    const { door } = this.#options;
    const { id: errorId, code, detail, message } = error;
    const entry = {
      who: '',
      from,
      door,
      what: 'caller',
      result: 'refused',
      reason: detail ?? message,
    } as const;
    const isNoted = this.#tally.note(place, entry, 'a request without a token that is good here', {
      errorId,
      code,
    });
    if (isNoted) error.claimLogLine();
    return isNoted;
  }

  /** Nobody may fill it, from however many addresses. */
  async #spareLog(error: FactoryError): Promise<void> {
    const { consumedPoints } = await this.#lines.penalty('');
    if (consumedPoints > MOST_LINES) error.claimLogLine();
  }

  #noteLimit(place: string): void {
    if (!this.#tally.has(place)) return;
    const { door, logger } = this.#options;
    const entry = { who: '', from: place, door, what: 'caller', result: 'limited' } as const;
    audit(logger, entry, 'an address sends wrong tokens again and again');
  }
}
