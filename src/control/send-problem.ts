import type { FastifyReply } from 'fastify';
import { asFactoryError } from '../errors/factory-error.ts';
import { isRefusal, PROBLEM_TYPE, problemOf, statusOf } from '../http/problem.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';

/** Answers with what was thrown; what is no refusal is in the log, with `fields`. */
export function sendProblem(
  reply: FastifyReply,
  logger: Logger,
  thrown: unknown,
  fields: object = {},
): FastifyReply {
  const error = asFactoryError(thrown);
  if (!isRefusal(error)) logFailure(logger, error, fields);
  return reply
    .code(statusOf(error))
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error)));
}
