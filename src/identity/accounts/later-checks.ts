import type { FactoryError } from '../../errors/factory-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import type { Clock } from '../../time/clock.ts';
import type { Confirmation } from '../identity.ts';

/** What a question came to; `open`: it has to be asked again. */
export type Outcome =
  | Exclude<Confirmation, { kind: 'later' }>
  | { readonly kind: 'open'; readonly reason: string; readonly cause?: unknown };

export interface LaterChecksOptions {
  /** Never rejects. */
  readonly check: (user: Username) => Promise<Outcome>;
  /** For how long it makes no sense to ask; ms. */
  readonly pausedFor: () => number;
  /** Ends all of them. */
  readonly closing: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
}

interface Check {
  /** That somebody came in with since it began, and others that were listed with them. */
  readonly keys: Set<string>;
  readonly refusal: Promise<FactoryError | undefined>;
}

/** ms */
const FIRST_WAIT = 10_000;
const LONGEST_WAIT = 600_000;
/** Whoever comes then begins another one; ms. */
const GIVE_UP_AFTER = 6 * 3_600_000;

/** Asks again, at longer and longer times, about those who came in while there was no answer: once per user, for all of their sessions. */
export class LaterChecks {
  readonly #options: LaterChecksOptions;
  readonly #checks = new Map<Username, Check>();

  constructor(options: LaterChecksOptions) {
    this.#options = options;
  }

  /** The check that is under way and is about all of these keys; undefined: there is none. */
  join(user: Username, keys: readonly string[]): Confirmation | undefined {
    const check = this.#checks.get(user);
    if (check === undefined || !keys.every((key) => check.keys.has(key))) return undefined;
    return { kind: 'later', refusal: check.refusal };
  }

  /** From now on the user is asked about, with these keys too. */
  begin(user: Username, keys: readonly string[]): Confirmation {
    const underWay = this.#checks.get(user);
    for (const key of keys) underWay?.keys.add(key);
    const check = underWay ?? this.#start(user, new Set(keys));
    return { kind: 'later', refusal: check.refusal };
  }

  /** Resolves when none is under way; they end by themselves after `closing`. */
  async settled(): Promise<void> {
    await Promise.all([...this.#checks.values()].map(({ refusal }) => refusal));
  }

  #start(user: Username, keys: Set<string>): Check {
    const check = { keys, refusal: this.#run(user, keys) };
    this.#checks.set(user, check);
    return check;
  }

  async #run(user: Username, keys: ReadonlySet<string>): Promise<FactoryError | undefined> {
    try {
      return await this.#askAgain(user, keys);
    } finally {
      this.#checks.delete(user);
    }
  }

  async #askAgain(user: Username, keys: ReadonlySet<string>): Promise<FactoryError | undefined> {
    const { check, pausedFor, closing, logger, clock } = this.#options;
    const end = clock.now() + GIVE_UP_AFTER;
    for (let wait = FIRST_WAIT; clock.now() < end; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      await this.#rest(Math.max(wait, pausedFor()));
      if (closing.aborted) return undefined;
      const asked = keys.size;
      const outcome = await check(user);
      if (outcome.kind === 'refused') return outcome.error;
      // Somebody may have come with a key that was listed only after the question.
      if (outcome.kind === 'confirmed' && asked === keys.size) return undefined;
    }
    logger.warn({ user }, 'whose a name is could not be found out; it is asked again at the next login');
    return undefined;
  }

  #rest(ms: number): Promise<void> {
    const { closing, clock } = this.#options;
    return new Promise((resolve) => {
      if (closing.aborted) return resolve();
      const timer = clock.schedule(ms, done);
      closing.addEventListener('abort', done, { once: true });
      function done(): void {
        timer[Symbol.dispose]();
        closing.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}
