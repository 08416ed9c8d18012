import { setMaxListeners } from 'node:events';
import type { FactoryError } from '../../errors/factory-error.ts';
import { logFailure } from '../../logging/log-failure.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import type { Clock } from '../../time/clock.ts';
import { orAborted } from '../../time/or-aborted.ts';
import type { RememberedAccount } from '../describe-user.ts';
import type { Confirmation, Credential, Known, SourceAccounts } from '../identity.ts';
import { AccountApi } from './account-api.ts';
import { type AccountRecord, MOST_KEYS, type Ruling, rule } from './account-record.ts';
import { AccountRecords } from './account-records.ts';
import { accountChanged, accountUnreadable, nameGivenUp, tooManyNewKeys } from './account-refusals.ts';
import { LaterChecks, type Outcome } from './later-checks.ts';
import { QUESTIONS_PER_HOUR, QuestionBudget } from './question-budget.ts';

export interface RememberedAccountsOptions {
  /** Of the source: "github.com". */
  readonly source: string;
  /** `<api>/users/<name>` tells whose the name is. */
  readonly api: string;
  /** Where the accounts are remembered. */
  readonly folder: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How often one user may have the API asked in an hour; absent: as often as does no harm. */
  readonly questionsPerHour?: number;
}

type Refused = Extract<Confirmation, { kind: 'refused' }>;

/** A question under way, and the keys of which its answer will tell whose they are. */
interface Question {
  readonly keys: ReadonlySet<string>;
  readonly outcome: Promise<Outcome>;
}

/**
 * Sees to it that a name means the account that it meant at its first login. Names are given up and taken by others; whoever takes one
 * would come into the workspace of the person before.
 *
 * The API is asked when somebody comes with a key that their account is not known to have: once at the first login, which tells of all
 * keys that are listed then, and once for each key that is added later. An answer counts for keys that were listed before it was asked
 * for, never for others: those may be of the next owner.
 */
export class RememberedAccounts implements SourceAccounts {
  readonly #source: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #records: AccountRecords;
  readonly #closing = new AbortController();
  readonly #api: AccountApi;
  readonly #budget: QuestionBudget;
  readonly #underWay = new Map<Username, Question>();
  readonly #later: LaterChecks;

  constructor(options: RememberedAccountsOptions) {
    const { source, api, folder, logger, clock } = options;
    this.#source = source;
    this.#logger = logger;
    this.#clock = clock;
    this.#records = new AccountRecords(folder);
    // Each check that waits listens.
    setMaxListeners(0, this.#closing.signal);
    this.#api = new AccountApi(api, clock, this.#closing.signal);
    this.#budget = new QuestionBudget(options.questionsPerHour ?? QUESTIONS_PER_HOUR, clock);
    this.#later = new LaterChecks({
      // In all the time since they were listed the name may have been another's and come back, so no keys are remembered of it.
      check: (user) => this.#find(user, []),
      pausedFor: () => this.#api.pausedFor,
      closing: this.#closing.signal,
      logger,
      clock,
    });
  }

  async confirm(
    user: Username,
    known: Known,
    { key }: Credential,
    signal: AbortSignal,
  ): Promise<Confirmation> {
    signal.throwIfAborted();
    try {
      const record = await this.#records.read(user);
      if (record?.refused !== undefined) {
        return this.#refuse(user, accountChanged(user, this.#source, record));
      }
      if (record?.keys.includes(key.fingerprint)) return { kind: 'confirmed' };
    } catch (cause) {
      return this.#refuse(user, accountUnreadable(user, this.#source, cause));
    }
    const listed = known.keys.map(({ fingerprint }) => fingerprint);
    const keys = [...new Set([key.fingerprint, ...listed])].slice(0, MOST_KEYS);
    return this.#later.join(user, keys) ?? (await orAborted(this.#confirmNow(user, keys), signal));
  }

  async recall(user: Username): Promise<RememberedAccount | undefined> {
    try {
      const record = await this.#records.read(user);
      return record === undefined ? undefined : this.#remembered(user, record);
    } catch (error) {
      this.#logger.error({ err: error, user }, 'what was remembered of an account cannot be read');
      return { user, source: this.#source, id: undefined, since: 0, refused: undefined };
    }
  }

  async list(): Promise<readonly RememberedAccount[]> {
    const users = await this.#records.users();
    const accounts = await Promise.all(users.map((user) => this.recall(user)));
    return accounts.filter((account) => account !== undefined);
  }

  async accept(user: Username): Promise<RememberedAccount | undefined> {
    const before = await this.recall(user);
    if (before?.id === undefined && before !== undefined) await this.#records.remove(user);
    if (before?.refused === undefined) return before;
    const { id } = before.refused;
    await this.#records.write(user, { id, since: this.#clock.now(), keys: [] });
    this.#logger.info({ user, account: id, before: before.id }, 'another account is accepted for a name');
    return before;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#later.settled();
    await Promise.all([...this.#underWay.values()].map(({ outcome }) => outcome));
    await this.#records.settled();
  }

  async #confirmNow(user: Username, keys: readonly string[]): Promise<Confirmation> {
    const outcome = await this.#ask(user, keys);
    if (outcome.kind !== 'open') return outcome;
    const { reason, cause } = outcome;
    this.#logger.warn({ user, reason, err: cause }, 'whose a name is stays open for now');
    return this.#later.begin(user, keys);
  }

  /** Whoever waits for the same keys waits for the same question. Never rejects. */
  async #ask(user: Username, keys: readonly string[]): Promise<Outcome> {
    const underWay = this.#underWay.get(user);
    if (underWay !== undefined && keys.every((key) => underWay.keys.has(key))) return underWay.outcome;
    if (this.#api.pausedFor === 0 && !this.#budget.take(user)) {
      return this.#refuse(user, tooManyNewKeys(user, this.#source));
    }
    const question: Question = {
      keys: new Set(keys),
      outcome: this.#find(user, keys).finally(() => {
        if (this.#underWay.get(user) === question) this.#underWay.delete(user);
      }),
    };
    this.#underWay.set(user, question);
    return question.outcome;
  }

  async #find(user: Username, keys: readonly string[]): Promise<Outcome> {
    const answer = await this.#api.ask(user);
    try {
      const before = await this.#records.read(user);
      const ruling = rule(before, answer, keys, this.#clock.now());
      if ('record' in ruling && ruling.record !== before) await this.#remember(user, ruling.record);
      return this.#outcome(user, ruling);
    } catch (cause) {
      return this.#refuse(user, accountUnreadable(user, this.#source, cause));
    }
  }

  #outcome(user: Username, ruling: Ruling): Outcome {
    switch (ruling.kind) {
      case 'same':
        return { kind: 'confirmed' };
      case 'changed':
        return this.#refuse(user, accountChanged(user, this.#source, ruling.record));
      case 'given_up':
        return this.#refuse(user, nameGivenUp(user, this.#source));
      case 'open':
        return ruling;
    }
  }

  #refuse(user: Username, error: FactoryError): Refused {
    logFailure(this.#logger, error, { user });
    return { kind: 'refused', error };
  }

  /** A full disk keeps nobody out; what is in memory holds until the factory ends. */
  async #remember(user: Username, record: AccountRecord): Promise<void> {
    try {
      await this.#records.write(user, record);
    } catch (error) {
      this.#logger.error({ err: error, user }, 'could not remember the account of a name');
    }
  }

  #remembered(user: Username, { id, since, refused }: AccountRecord): RememberedAccount {
    return { user, source: this.#source, id, since, refused };
  }
}
