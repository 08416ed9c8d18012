import { LRUCache } from 'lru-cache';
import type { Username } from '../../names/username.ts';
import type { Clock } from '../../time/clock.ts';

/** ms */
const HOUR = 3_600_000;
const MOST_USERS = 10_000;

/** As many keys as nobody adds one by one in an hour. */
export const QUESTIONS_PER_HOUR = 10;

/**
 * How often each user may have the API asked about them: all users share what it answers in an hour, and while it answers nothing
 * everybody comes in unchecked.
 */
export class QuestionBudget {
  readonly #perHour: number;
  readonly #clock: Clock;
  readonly #spent = new LRUCache<Username, { readonly since: number; count: number }>({ max: MOST_USERS });

  constructor(perHour: number, clock: Clock) {
    this.#perHour = perHour;
    this.#clock = clock;
  }

  /** Takes one; false: there was none left. */
  take(user: Username): boolean {
    const now = this.#clock.now();
    const before = this.#spent.get(user);
    const spent = before !== undefined && now - before.since < HOUR ? before : { since: now, count: 0 };
    if (spent.count >= this.#perHour) return false;
    spent.count += 1;
    this.#spent.set(user, spent);
    return true;
  }
}
