import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { FactoryError } from '../errors/factory-error.ts';
import { audit } from '../logging/audit.ts';
import type { Logger } from '../logging/logger.ts';
import { networkOf } from '../names/network-of.ts';

/** Requests without a valid token that one address may send in… */
export const MOST_WRONG_TOKENS = 30;
/** …so long; s. */
const WINDOW = 60;
/** Addresses that are remembered; the least recently seen go first. */
const MOST_ADDRESSES = 10_000;

export interface WrongTokensOptions {
  /** For the log: "api". */
  readonly door: string;
  readonly logger: Logger;
}

/** What a request is answered that was turned away. */
export interface Refusal {
  readonly error: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Counts the requests without a valid token, by address, and answers who sends too many with when to come again. Only those: nobody
 * guesses a signature, so a valid token is taken at any time, and who shares an address with a broken script, or the proxy
 * before us with everybody, is not locked out.
 */
export class WrongTokens {
  readonly #options: WrongTokensOptions;
  readonly #tries = new RateLimiterMemory({ points: MOST_WRONG_TOKENS, duration: WINDOW });
  /** The library's own memory has no bound, so this is its bound. */
  readonly #places = new LRUCache<string, true>({
    max: MOST_ADDRESSES,
    noDisposeOnSet: true,
    dispose: (_, place) => void this.#tries.delete(place),
  });

  constructor(options: WrongTokensOptions) {
    this.#options = options;
  }

  /**
   * @param thrown why the request is turned away; what is not `TOKEN_REFUSED` counts nothing
   * @param address undefined: a Unix socket's other side
   */
  async refusal(thrown: unknown, address: string | undefined): Promise<Refusal> {
    if (!(thrown instanceof FactoryError) || thrown.code !== 'TOKEN_REFUSED')
      return { error: thrown, headers: {} };
    const place = address === undefined ? 'a socket' : networkOf(address);
    this.#places.set(place, true);
    const { consumedPoints, msBeforeNext } = await this.#tries.penalty(place);
    if (consumedPoints <= MOST_WRONG_TOKENS) return { error: thrown, headers: {} };
    if (consumedPoints === MOST_WRONG_TOKENS + 1) this.#note(place);
    const seconds = Math.max(Math.ceil(msBeforeNext / 1_000), 1);
    const message = `Too many requests without a valid token came from your address; try again in ${seconds} s, with a new one (factory token create).`;
    return {
      error: new FactoryError('TOO_MANY_REQUESTS', message),
      headers: { 'retry-after': String(seconds) },
    };
  }

  #note(from: string): void {
    const { door, logger } = this.#options;
    const entry = { who: '', from, door, what: 'caller', result: 'limited' } as const;
    audit(logger, entry, 'an address sends wrong tokens again and again');
  }
}
