import { FactoryError } from '../errors/factory-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { Username } from '../names/username.ts';
import type { RememberedAccount, UserAccounts, UserDescription, UserDirectory } from './describe-user.ts';
import type {
  Confirmation,
  Credential,
  CredentialKind,
  Identity,
  IdentitySource,
  Knowledge,
  Known,
  LookupOptions,
} from './identity.ts';
import { NOTHING_RESERVED, type Reservation } from './reservation.ts';
import { unavailable } from './unavailable.ts';

/**
 * Asks the sources in order and stops at the first that does not say `unknown`. So identities never merge: the alice of a
 * later source never gets in as the alice of an earlier one, also not while the earlier one is `unavailable`.
 */
export class IdentityChain implements Identity, UserDirectory, AsyncDisposable {
  readonly #sources: readonly IdentitySource[];
  readonly #logger: Logger;
  readonly #reservation: Reservation;
  /** Who said it. */
  readonly #origins = new WeakMap<Knowledge, IdentitySource>();
  readonly credentials: readonly CredentialKind[];
  readonly accounts: UserAccounts;

  /** `reservation`: of names that are nobody's, also where a source knows them. */
  constructor(
    sources: readonly IdentitySource[],
    logger: Logger,
    reservation: Reservation = NOTHING_RESERVED,
  ) {
    this.#sources = sources;
    this.#logger = logger;
    this.#reservation = reservation;
    this.credentials = [...new Set(sources.flatMap((source) => source.credentials))];
    this.accounts = { list: () => this.#list(), accept: (user) => this.#accept(user) };
  }

  async lookup(user: Username, signal: AbortSignal, options?: LookupOptions): Promise<Knowledge> {
    for (const source of this.#sources) {
      const knowledge = await this.#ask(source, user, signal, options);
      if (knowledge.kind === 'unknown') continue;
      this.#origins.set(knowledge, source);
      return knowledge;
    }
    return { kind: 'unknown' };
  }

  async confirm(
    user: Username,
    known: Known,
    credential: Credential,
    signal: AbortSignal,
  ): Promise<Confirmation> {
    const origin = this.#origins.get(known);
    if (origin === undefined) throw new Error('this came from no lookup of this chain');
    const error = this.#reservation(user);
    if (error !== undefined) return { kind: 'refused', error };
    return (await origin.accounts?.confirm(user, known, credential, signal)) ?? { kind: 'confirmed' };
  }

  async describe(user: Username, signal: AbortSignal): Promise<UserDescription> {
    const knowledge = await this.lookup(user, signal);
    const origin = this.#origins.get(knowledge);
    // Of a name that was given up it is still told whose it was.
    const account = origin === undefined ? await this.#recall(user) : await origin.accounts?.recall(user);
    return { knowledge, account, reserved: this.#reservation(user) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#withAccounts().map((accounts) => accounts[Symbol.asyncDispose]()));
  }

  async #ask(
    source: IdentitySource,
    user: Username,
    signal: AbortSignal,
    options: LookupOptions | undefined,
  ): Promise<Knowledge> {
    try {
      return await source.lookup(user, signal, options);
    } catch (error) {
      signal.throwIfAborted();
      return unavailable(source.name, user, error, this.#logger);
    }
  }

  #withAccounts() {
    return this.#sources.flatMap(({ accounts }) => (accounts === undefined ? [] : [accounts]));
  }

  async #recall(user: Username): Promise<RememberedAccount | undefined> {
    const recalled = await Promise.all(this.#withAccounts().map((accounts) => accounts.recall(user)));
    return recalled.find((account) => account !== undefined);
  }

  async #list(): Promise<readonly RememberedAccount[]> {
    return (await Promise.all(this.#withAccounts().map((accounts) => accounts.list()))).flat();
  }

  /** Of every source that refuses the name: which of them is asked for it may change. */
  async #accept(user: Username): Promise<RememberedAccount> {
    const accepted = await Promise.all(this.#withAccounts().map((accounts) => accounts.accept(user)));
    const remembered = accepted.filter((account) => account !== undefined);
    const account = remembered.find(({ refused }) => refused !== undefined) ?? remembered[0];
    if (account !== undefined) return account;
    throw new FactoryError(
      'USER_UNKNOWN',
      `No account is remembered for ${user}, so there is nothing to accept; look at: factory user list`,
    );
  }
}
