import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import type { Clock } from '../../time/clock.ts';
import { orAborted } from '../../time/or-aborted.ts';
import { RememberedAccounts } from '../accounts/remembered-accounts.ts';
import type { IdentitySource, Knowledge, LookupOptions, SourceAccounts } from '../identity.ts';
import type { PublicKey } from '../public-key.ts';
import { unavailable } from '../unavailable.ts';
import { askKeyServer, type KeyServerAnswer } from './key-server-request.ts';
import { readKeyServerUrl } from './key-server-url.ts';
import { type GoodAnswer, LastGoodAnswers } from './last-good-answers.ts';

export interface KeyServerOptions {
  /** Keys are at `<url>/<user>.keys`. */
  readonly url: string;
  /** How long an answer is used without asking again; ms. */
  readonly freshFor: number;
  /** `<api>/users/<name>` tells whose a name is, as GitHub's API does; undefined: a name means whoever has it. */
  readonly api: string | undefined;
  /** The data folder; last good answers and accounts are kept in `<data>/identity/<host>/`. */
  readonly data: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

const MOST_USERS = 10_000;
const SECOND = 1_000;
/** A just-made account works soon. */
const UNKNOWN_FRESH_FOR = 30 * SECOND;
/** While the server fails, not every login waits for its time-out. */
const FAILURE_FRESH_FOR = 10 * SECOND;
/** At most this often is a user looked up again because an offered key is not listed. */
const FRESH_LOOKUP_EVERY = 5 * SECOND;
/** An empty answer does not replace a good one younger than this. */
const GOOD_OUTLIVES_EMPTY = 24 * 3_600 * SECOND;

interface Remembered {
  readonly knowledge: Knowledge;
  readonly askedAt: number;
  readonly freshFor: number;
  readonly good: GoodAnswer | undefined;
}

/**
 * Users and keys as GitHub, GitHub Enterprise, GitLab and Forgejo publish them.
 *
 * What is no answer never replaces one: the last good keys serve, however old, and the log says so. An empty answer may be
 * true (all keys deleted) or a broken proxy's; it counts once the last good keys are 24 h old, and until then those serve.
 * A 404 counts at once.
 */
export class KeyServerSource implements IdentitySource {
  readonly name: string;
  readonly credentials = ['public_key'] as const;
  readonly accounts: SourceAccounts | undefined;
  readonly #url: URL;
  readonly #editHint: string;
  readonly #freshFor: number;
  readonly #goodAnswers: LastGoodAnswers;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<Username, Remembered>({ max: MOST_USERS });
  readonly #underWay = new Map<Username, Promise<Remembered>>();

  /** Throws `CONFIG_INVALID` for a URL that is not https (or http to this machine). */
  constructor({ url, freshFor, api, data, logger, clock }: KeyServerOptions) {
    const server = readKeyServerUrl(url);
    this.name = server.name;
    this.#url = server.base;
    this.#editHint = server.editHint;
    this.#freshFor = freshFor;
    this.#logger = logger.child({ source: server.name });
    const folder = join(data, 'identity', encodeURIComponent(server.name));
    this.#goodAnswers = new LastGoodAnswers(folder, this.#logger);
    this.#clock = clock;
    if (api !== undefined) {
      this.accounts = new RememberedAccounts({
        source: server.name,
        api,
        folder,
        logger: this.#logger,
        clock,
      });
    }
  }

  async lookup(user: Username, signal: AbortSignal, options: LookupOptions = {}): Promise<Knowledge> {
    signal.throwIfAborted();
    const remembered = this.#remembered.get(user);
    if (remembered !== undefined && !this.#isStale(remembered, options)) return remembered.knowledge;
    // One request serves all who wait for it, so none of them may abort it; its own time-out ends it.
    const request = this.#underWay.get(user) ?? this.#startRequest(user, remembered?.good);
    return (await orAborted(request, signal)).knowledge;
  }

  #isStale({ askedAt, freshFor }: Remembered, { fresh = false }: LookupOptions): boolean {
    const useFor = fresh ? Math.min(freshFor, FRESH_LOOKUP_EVERY) : freshFor;
    return this.#clock.now() - askedAt >= useFor;
  }

  #startRequest(user: Username, good: GoodAnswer | undefined): Promise<Remembered> {
    const request = this.#request(user, good).finally(() => this.#underWay.delete(user));
    this.#underWay.set(user, request);
    return request;
  }

  async #request(user: Username, lastGood: GoodAnswer | undefined): Promise<Remembered> {
    const answer = await askKeyServer(new URL(`${user}.keys`, this.#url));
    const good = lastGood ?? (await this.#goodAnswers.read(user));
    const remembered = await this.#take(user, answer, good);
    this.#remembered.set(user, remembered);
    return remembered;
  }

  async #take(user: Username, answer: KeyServerAnswer, good: GoodAnswer | undefined): Promise<Remembered> {
    switch (answer.kind) {
      case 'keys':
        return this.#accept(user, answer.keys);
      case 'empty':
        if (good === undefined || !this.#outlivesEmpty(good)) return this.#accept(user, []);
        this.#logger.error({ user, age: this.#age(good) }, 'an empty answer came; the last good keys serve');
        return this.#remember(this.#known(good.keys), this.#freshFor, good);
      case 'unknown':
        await this.#goodAnswers.remove(user);
        return this.#remember({ kind: 'unknown' }, Math.min(UNKNOWN_FRESH_FOR, this.#freshFor), undefined);
      case 'failed':
        return this.#takeFailure(user, answer, good);
    }
  }

  async #accept(user: Username, keys: readonly PublicKey[]): Promise<Remembered> {
    const good = { keys, at: this.#clock.now() };
    await this.#goodAnswers.write(user, good);
    return this.#remember(this.#known(keys), this.#freshFor, good);
  }

  #takeFailure(
    user: Username,
    { reason, cause }: Extract<KeyServerAnswer, { kind: 'failed' }>,
    good: GoodAnswer | undefined,
  ): Remembered {
    const freshFor = Math.min(FAILURE_FRESH_FOR, this.#freshFor);
    if (good === undefined) {
      const knowledge = unavailable(this.name, user, new Error(reason, { cause }), this.#logger);
      return this.#remember(knowledge, freshFor, undefined);
    }
    this.#logger.warn(
      { user, reason, err: cause, age: this.#age(good) },
      'no answer; the last good keys serve',
    );
    return this.#remember(this.#known(good.keys), freshFor, good);
  }

  #remember(knowledge: Knowledge, freshFor: number, good: GoodAnswer | undefined): Remembered {
    return { knowledge, askedAt: this.#clock.now(), freshFor, good };
  }

  #known(keys: readonly PublicKey[]): Knowledge {
    return { kind: 'known', source: this.name, editHint: this.#editHint, keys, keysArePublic: true };
  }

  #outlivesEmpty(good: GoodAnswer): boolean {
    return good.keys.length > 0 && this.#clock.now() - good.at < GOOD_OUTLIVES_EMPTY;
  }

  /** In seconds, for the log. */
  #age(good: GoodAnswer): number {
    return Math.round((this.#clock.now() - good.at) / SECOND);
  }
}
