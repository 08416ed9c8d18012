import { z } from 'zod';
import { parseJson } from '../../json/parse-json.ts';
import { parseUsername, type Username } from '../../names/username.ts';
import type { Clock } from '../../time/clock.ts';
import { boundedGet, failureReason, NotAnAnswer, readBounded } from '../sources/bounded-get.ts';

export type AccountAnswer =
  /** `id`: the source's own number of the account that has the name now. */
  | { readonly kind: 'account'; readonly id: number }
  /** The account that had the name is called something else by now. */
  | { readonly kind: 'renamed' }
  /** No account has the name. */
  | { readonly kind: 'missing' }
  /** Not an answer; `reason` is for the log. */
  | { readonly kind: 'failed'; readonly reason: string; readonly cause?: unknown };

/** What is used of `GET /users/{username}`. */
const userSchema = z.object({ id: z.int().positive(), login: z.string().max(100) });

const TIMEOUT_MS = 2_000;
/** GitHub's own answer has less than 4 KiB. */
const MOST_BYTES = 64 * 1024;
/** While the API fails, not every login waits for its time-out; ms. */
const PAUSE = 10_000;
/** GitHub counts by the hour; ms. */
const LONGEST_PAUSE = 3_600_000;

/**
 * Asks an API that works as GitHub's does whose account a name is. After a failure it is left alone for 10 s, or until it says that
 * it will answer again; a question fails at once until then.
 */
export class AccountApi {
  readonly #users: URL;
  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  #pausedUntil = 0;

  /** `url`: `<url>/users/<name>` is asked for. When `closing` aborts, so do the questions. */
  constructor(url: string, clock: Clock, closing: AbortSignal) {
    this.#users = new URL(`${url.replace(/\/+$/, '')}/users/`);
    this.#clock = clock;
    this.#closing = closing;
  }

  /** How long it is left alone from now on; ms. */
  get pausedFor(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.now());
  }

  /** Never rejects. */
  async ask(user: Username): Promise<AccountAnswer> {
    if (this.pausedFor > 0) return { kind: 'failed', reason: 'it failed a moment ago' };
    let pause = PAUSE;
    try {
      const signal = AbortSignal.any([this.#closing, AbortSignal.timeout(TIMEOUT_MS)]);
      const response = await boundedGet(new URL(user, this.#users), 'application/json', signal);
      pause = this.#pauseOf(response);
      return await readAnswer(user, response);
    } catch (cause) {
      this.#pausedUntil = this.#clock.now() + pause;
      const reason = failureReason(cause);
      return cause instanceof NotAnAnswer ? { kind: 'failed', reason } : { kind: 'failed', reason, cause };
    }
  }

  /** For how long an answer with such headers means that no other will come; RFC 9110 §10.2.3, and GitHub's own for rate limits. */
  #pauseOf({ headers }: Response): number {
    const after = Number(headers.get('retry-after') ?? Number.NaN) * 1_000;
    const isUsedUp = headers.get('x-ratelimit-remaining') === '0';
    const reset = isUsedUp
      ? Number(headers.get('x-ratelimit-reset')) * 1_000 - this.#clock.now()
      : Number.NaN;
    const asked = [after, reset].filter((ms) => Number.isFinite(ms));
    return Math.min(Math.max(PAUSE, ...asked), LONGEST_PAUSE);
  }
}

async function readAnswer(user: Username, response: Response): Promise<AccountAnswer> {
  if (response.status !== 200) {
    await response.body?.cancel();
    if (response.status === 404) return { kind: 'missing' };
    throw new NotAnAnswer(`status ${response.status}`);
  }
  const parsed = userSchema.safeParse(parseJson(await readBounded(response, MOST_BYTES)));
  if (!parsed.success) throw new NotAnAnswer('something else than an account came');
  const { id, login } = parsed.data;
  // GitHub redirects from a name to the account that once had it: that account may not speak for the name any more.
  return parseUsername(login) === user ? { kind: 'account', id } : { kind: 'renamed' };
}
