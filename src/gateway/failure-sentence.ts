import { randomBytes } from 'node:crypto';
import { asFactoryError } from '../errors/factory-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { Lease } from '../workspaces/workspace-access.ts';

/** Logs what went wrong and gives the sentence for the student, with the id under which the log has it. */
export function failureSentence(thrown: unknown, lease: Lease, logger: Logger): string {
  const error = asFactoryError(thrown);
  const phase = lease.containerPhase();
  // The attempt that failed was logged by the workspace already.
  const logged = phase.kind === 'failed' && phase.error === error ? phase.errorId : undefined;
  const errorId = logged ?? randomBytes(4).toString('hex');
  const level = error.mendedBy === 'student' ? 'info' : 'error';
  if (logged === undefined) {
    logger[level]({ errorId, code: error.code, detail: error.detail, err: error.cause }, error.message);
  }
  return error.mendedBy === 'student' ? error.message : `${error.message} (error ${errorId})`;
}
