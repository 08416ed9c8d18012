import type { FactoryError } from '../errors/factory-error.ts';
import type { Logger } from './logger.ts';

/**
 * Sees to it that the log has this failure: one line, whoever else met it. Gives its id. What the student can mend, or meant
 * by the operator, is a warning; all else is an error.
 */
export function logFailure(logger: Logger, error: FactoryError, fields: object = {}): string {
  if (error.claimLogLine()) {
    const expected = error.mendedBy === 'student' || error.code === 'SHUTTING_DOWN';
    const level = expected ? 'warn' : 'error';
    logger[level]({ ...fields, errorId: error.id, code: error.code, err: error }, error.message);
  }
  return error.id;
}

/** What a person is told of a failure: the sentence, and the id under which the log has the rest. */
export function sentenceWithId({ message, id }: Pick<FactoryError, 'message' | 'id'>): string {
  return `${message} (error ${id})`;
}
