import { FactoryError } from '../errors/factory-error.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import type { Username } from '../names/username.ts';
import type { Knowledge } from './identity.ts';

/** That a source could not say anything of a user; the log has why, as `IDENTITY_UNAVAILABLE`. */
export function unavailable(source: string, user: Username, cause: unknown, logger: Logger): Knowledge {
  const error = new FactoryError(
    'IDENTITY_UNAVAILABLE',
    `The public keys of ${user} cannot be had from ${source}; try again soon.`,
    { cause },
  );
  return { kind: 'unavailable', source, errorId: logFailure(logger, error, { user }) };
}
