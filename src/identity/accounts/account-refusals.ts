import { FactoryError } from '../../errors/factory-error.ts';
import type { Username } from '../../names/username.ts';
import type { AccountRecord } from './account-record.ts';

export function accountChanged(
  user: Username,
  source: string,
  { id, refused }: Pick<AccountRecord, 'id' | 'refused'>,
): FactoryError {
  return new FactoryError(
    'IDENTITY_CHANGED',
    `The account ${user} at ${source} is another one than the one that came in here by this name before, so nobody gets in by it now. If it is yours, ask the operator to accept it.`,
    { detail: `account ${id} before, ${refused?.id} now; to accept it: factory user accept ${user}` },
  );
}

/** For this login alone: the name may be taken again by whoever had it. */
export function nameGivenUp(user: Username, source: string): FactoryError {
  return new FactoryError(
    'IDENTITY_UNAVAILABLE',
    `${source} says that no account is called ${user} now. If yours was renamed, log in with its new name; else try again soon.`,
  );
}

export function tooManyNewKeys(user: Username, source: string): FactoryError {
  return new FactoryError(
    'TOO_MANY_REQUESTS',
    `The user ${user} has come with too many new keys of ${source} in one hour; use a key that worked here before, or try again in an hour.`,
  );
}

export function accountUnreadable(user: Username, source: string, cause: unknown): FactoryError {
  return new FactoryError(
    'IDENTITY_UNAVAILABLE',
    `The factory cannot read which account at ${source} came in as ${user} before, so nobody gets in by that name now; please tell the operator.`,
    { cause, detail: `to forget it and take whoever comes next: factory user accept ${user}` },
  );
}
