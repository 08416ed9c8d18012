import { RateLimiterMemory } from 'rate-limiter-flexible';
import { FactoryError } from '../errors/factory-error.ts';
import { retryAfter } from '../http/refusal.ts';
import type { Principal } from '../tokens/principal.ts';
import { callerName } from './open-calls.ts';

/** Requests of one caller within a minute. A page that asks every second for ten clusters is within it. */
export const MOST_CALLS = 600;
/** s */
const WINDOW = 60;

export interface TooManyCalls {
  readonly error: FactoryError;
  readonly headers: Readonly<Record<string, string>>;
  /** The first in its minute: all later ones are the same. */
  readonly isFirst: boolean;
}

/**
 * How often each caller asks, by whom the token is for: a script that has gone wild has its own part of the factory and no more, however many tokens
 * and addresses it has. Only callers with a valid token are remembered, and each for a minute.
 */
export class CallRates {
  readonly #most: number;
  readonly #calls: RateLimiterMemory;

  constructor(most = MOST_CALLS) {
    this.#most = most;
    this.#calls = new RateLimiterMemory({ points: most, duration: WINDOW });
  }

  /** Counts a request. Undefined: it may be. */
  async take(principal: Principal): Promise<TooManyCalls | undefined> {
    const { consumedPoints, msBeforeNext } = await this.#calls.penalty(callerName(principal));
    if (consumedPoints <= this.#most) return undefined;
    const { seconds, headers } = retryAfter(msBeforeNext);
    const message = `You have sent ${this.#most} requests within a minute; try again in ${seconds} s. An event stream tells of changes without being asked.`;
    const error = new FactoryError('TOO_MANY_REQUESTS', message);
    return { error, headers, isFirst: consumedPoints === this.#most + 1 };
  }
}
