import type { AuthContext, AuthenticationType, Connection } from 'ssh2';
import { explainRefusal, UNEXPLAINED_REFUSAL } from '../../identity/explain-refusal.ts';
import type { Knowledge } from '../../identity/identity.ts';
import type { KnownKeys } from '../../identity/known-keys.ts';
import { audit } from '../../logging/audit.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Login } from '../../names/login.ts';
import type { Clock } from '../../time/clock.ts';
import { wait } from '../../time/wait.ts';
import type { LoginAttempt } from '../login-door.ts';
import { EvenRefusals } from './even-refusals.ts';
import { fingerprintsOf, type OfferedKeys } from './offered-keys.ts';

/**
 * `keyboard-interactive` lets nobody in: clients turn to it when they have no key left, and then get the whole explanation.
 * One that may not ask its user anything (`BatchMode`) gives up without a word, so the first key that is not listed is
 * explained at once, unless the user is known to get in with another one after it.
 */
export const EXPLANATION: AuthenticationType = 'keyboard-interactive';

/** The name that a client gave, and what is known of it. */
export interface ClaimedUser {
  readonly name: string;
  /** Undefined: it can be nobody's name. */
  readonly login: Login | undefined;
  readonly keys: KnownKeys;
}

export interface RefusalsOptions {
  readonly connection: Connection;
  /** If not, nothing that the client gets, nor when, depends on the name. */
  readonly explainRefusals: boolean;
  readonly attempt: LoginAttempt;
  readonly clock: Clock;
  /** "192.0.2.7:50122" */
  readonly client: string;
  readonly logger: Logger;
  /** Aborts when the connection is over. */
  readonly signal: AbortSignal;
}

/** Says no to the requests of one connection: to the client, as much as it may know, and all of it to the log. */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #methods: readonly AuthenticationType[];
  readonly #offered: OfferedKeys;
  readonly #even: EvenRefusals;
  #slow: Promise<void> | undefined;
  /** How many keys had been offered when the refusal was last explained. */
  #explained: number | undefined;
  #isTold = false;
  #isOver = false;
  /** They have proved who they are, and may not come in: their keys are not what is to be explained. */
  #isForbidden = false;

  constructor(options: RefusalsOptions, methods: readonly AuthenticationType[], offered: OfferedKeys) {
    this.#options = options;
    this.#methods = methods;
    this.#offered = offered;
    this.#even = new EvenRefusals(options.clock);
  }

  /** Comes before anything is looked up for a request, which may have to be refused. */
  arrive(): void {
    this.#even.arrive();
  }

  /** They are in: a request that was under way beside the good one is nothing to be told of. */
  stop(): void {
    this.#isOver = true;
  }

  /** Once it was explained there is no need to ask for that again. */
  async reject(context: AuthContext, user: ClaimedUser): Promise<void> {
    // Every client begins with `none`, also those that will get in; nothing was looked up for it.
    if (context.method !== 'none') await this.#moment(user);
    if (this.#options.signal.aborted) return;
    const isExplained =
      context.method === EXPLANATION || (this.#isForbidden && this.#options.explainRefusals);
    context.reject(isExplained ? [...this.#methods] : [...this.#methods, EXPLANATION]);
  }

  /** A key was refused, and others may follow. */
  async explainFirst(user: ClaimedUser): Promise<void> {
    if (this.#explained === undefined) await this.#explain(user);
  }

  /** The client has nothing more to offer. */
  async explainLast(user: ClaimedUser): Promise<void> {
    await this.#moment(user);
    if (this.#isOver || this.#options.signal.aborted) return;
    if (!this.#options.explainRefusals) this.#tellPlainly();
    await this.#explain(user);
  }

  /** Who has proved who they are may not come in all the same. `sentence`: why, for them. */
  forbid(user: ClaimedUser, sentence: string, reason: string, fingerprint: string): void {
    if (!this.#isForbidden) {
      if (this.#options.explainRefusals) this.#tell(sentence);
      this.audit(user, 'login refused', reason, [fingerprint]);
    }
    this.#isForbidden = true;
  }

  /** Something failed on our side. */
  fail(sentence: string): void {
    this.#options.attempt.excuse();
    if (this.#options.explainRefusals) this.#tell(sentence);
    else this.#tellPlainly();
  }

  audit(user: ClaimedUser, message: string, reason: string, fingerprints: readonly string[]): void {
    const { client, logger } = this.#options;
    const entry = { who: user.name, from: client, door: 'ssh', what: 'login', result: 'refused' } as const;
    audit(logger, { ...entry, reason, fingerprints }, message, { user: user.login?.user });
  }

  async #explain(user: ClaimedUser): Promise<void> {
    const offered = this.#offered.all();
    if (this.#isForbidden || this.#explained === offered.length) return;
    this.#explained = offered.length;
    const knowledge = await user.keys.latest();
    if (this.#isOver || this.#options.signal.aborted) return;
    if (knowledge.kind === 'unavailable') this.#options.attempt.excuse();
    this.audit(user, 'keys refused', reasonOf(knowledge), fingerprintsOf(offered));
    if (this.#options.explainRefusals) this.#tell(explainRefusal(user.name, offered, knowledge));
  }

  /** Resolves when a refusal is due. */
  async #moment({ keys }: ClaimedUser): Promise<void> {
    const { explainRefusals, signal } = this.#options;
    if (!explainRefusals) await this.#even.moment(() => keys.everything(), signal);
    this.#slow ??= this.#slowDown();
    await this.#slow;
  }

  async #slowDown(): Promise<void> {
    const { attempt, clock, signal } = this.#options;
    const delay = await attempt.slowness();
    if (delay > 0) await wait(delay, clock, signal);
  }

  #tellPlainly(): void {
    if (!this.#isTold) this.#tell(UNEXPLAINED_REFUSAL);
    this.#isTold = true;
  }

  /** In the client's terminal, before anybody is logged in (RFC 4252 §5.4). */
  #tell(text: string): void {
    this.#options.connection.authBanner(text.trimEnd().replace(/\r?\n/g, '\r\n').concat('\r\n'));
  }
}

function reasonOf(knowledge: Knowledge): string {
  return knowledge.kind === 'known' ? 'no key of theirs is listed' : `the name is ${knowledge.kind}`;
}
