import { asFactoryError } from '../errors/factory-error.ts';
import { logFailure, sentenceWithId } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';

/**
 * The sentence for the student, with the id under which the log has the failure. Whoever met it first has logged it: the
 * attempt of a part of the workspace that failed, or this.
 */
export function failureSentence(thrown: unknown, logger: Logger): string {
  const error = asFactoryError(thrown);
  logFailure(logger, error);
  return sentenceWithId(error);
}
