import type { FactoryError } from '../errors/factory-error.ts';
import type { Username } from '../names/username.ts';
import type { Knowledge } from './identity.ts';

/** The account behind a name, as it was at the name's first login. Times in ms since the epoch. */
export interface RememberedAccount {
  readonly user: Username;
  /** "github.com" */
  readonly source: string;
  /** The source's own number of the account; undefined: what was remembered cannot be read, so nobody gets in by the name. */
  readonly id: number | undefined;
  readonly since: number;
  /** The name came back with this other account, so nobody gets in by it until the operator accepts that. */
  readonly refused: { readonly id: number; readonly since: number } | undefined;
}

/** What can be said of a user without anybody logging in. */
export interface UserDescription {
  /** Of the first source that does not say `unknown`: its name, the keys. */
  readonly knowledge: Knowledge;
  /** Undefined: nobody has logged in by the name, or its source has no ids of accounts. */
  readonly account: RememberedAccount | undefined;
  /** Why nobody gets in by the name, whoever they are. */
  readonly reserved: FactoryError | undefined;
}

/** Asks of users; changes nothing. */
export interface UserDirectory {
  /** Rejects only with the signal's reason, when it is aborted. */
  describe(user: Username, signal: AbortSignal): Promise<UserDescription>;
}

/** What the operator can ask and say of remembered accounts. Both reject with what the file system fails with. */
export interface UserAccounts {
  list(signal: AbortSignal): Promise<readonly RememberedAccount[]>;
  /**
   * The account that a name was refused for is the right one from now on; of a name that was not refused nothing changes. Resolves
   * with what was remembered before. Rejects with `USER_UNKNOWN` where nothing was.
   */
  accept(user: Username, signal: AbortSignal): Promise<RememberedAccount>;
}
