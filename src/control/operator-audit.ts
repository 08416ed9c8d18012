import type { FastifyRequest } from 'fastify';
import { asFactoryError } from '../errors/factory-error.ts';
import { CONTROL_SOCKET } from '../http/origin.ts';
import { resultOf } from '../http/refusal.ts';
import { type AuditEntry, type Audited, audit } from '../logging/audit.ts';
import type { Logger } from '../logging/logger.ts';

/** By this header the client says whose shell it is in. Who can connect may do everything, so it proves nothing, and need not. */
export const OPERATOR_HEADER = 'operator';

/** Whom a client that says nothing is of. */
const UNNAMED = 'operator';

/** What an operator does. */
export interface OperatorAct {
  readonly request: Pick<FastifyRequest, 'headers'>;
  /** As told in the request itself. */
  readonly by?: string;
  readonly what: Audited;
  readonly message: string;
  readonly lab?: string;
  /** Nothing secret. */
  readonly fields?: object;
}

/** Does it, and the audit log has what came of it; `told`: what its outcome adds to that. Rejects as `work` does. */
export async function audited<T>(
  logger: Logger,
  act: OperatorAct,
  work: () => T | Promise<T>,
  told: (outcome: T) => object = () => ({}),
): Promise<T> {
  const outcome = await withRefusal(logger, act, work);
  say(logger, act, { result: 'accepted' }, told(outcome));
  return outcome;
}

/** The same for what may take long: the audit log has that it was begun, and another line where nothing came of it. */
export async function auditedFromTheStart<T>(
  logger: Logger,
  act: OperatorAct,
  work: () => T | Promise<T>,
): Promise<T> {
  say(logger, act, { result: 'accepted' });
  return await withRefusal(logger, act, work);
}

async function withRefusal<T>(logger: Logger, act: OperatorAct, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = asFactoryError(thrown);
    const decision = { result: resultOf(error), reason: error.detail ?? error.message };
    // Without its id, under which the log has a line with all of a failure.
    say(logger, act, decision, { code: error.code });
    throw error;
  }
}

function say(
  logger: Logger,
  { request, by, what, message, lab, fields }: OperatorAct,
  decision: Pick<AuditEntry, 'result' | 'reason'>,
  more: object = {},
): void {
  const header = request.headers[OPERATOR_HEADER];
  const who = by ?? (typeof header === 'string' && header !== '' ? header : UNNAMED);
  const entry = { who, from: CONTROL_SOCKET, door: 'control', what, lab, ...decision } as const;
  const end = decision.result === 'accepted' ? '' : ', of which nothing comes';
  audit(logger, entry, `${message}${end}`, { ...fields, ...more });
}
