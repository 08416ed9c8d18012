import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { asFactoryError, FactoryError } from '../errors/factory-error.ts';
import { isRefusal, PROBLEM_TYPE, problemOf, statusOf } from '../http/problem.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import { knownCallerOf } from './api-context.ts';
import { challenge } from './authentication.ts';

/** Of what a request is told of its mistakes, characters. */
const LONGEST_DETAIL = 1_000;

/** On every answer. */
export const SAFE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/** Answers every refusal and failure with its problem. */
export function answerProblem(logger: Logger) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { error, status } = asProblem(thrown);
    logUnlessRefusal(logger, error, { method: request.method, path: request.routeOptions.url });
    knownCallerOf(request)?.cameToNothing(error);
    if (status === 401) reply.header('www-authenticate', challenge(request.raw));
    return sendProblem(reply, error, status);
  };
}

/** For a path, or a method of a path, that is not of the API. */
export function answerNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = 'There is nothing here; /api/v1/openapi.json describes what there is.';
  return sendProblem(reply, new FactoryError('REQUEST_INVALID', message), 404);
}

/** Of a server that has the API: for a path that is none (`frameworkErrors`), which no part of the server gets to see. */
export function answerUnroutable(
  { message }: Error,
  _request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { error, status } = invalid(message, 400);
  return sendProblem(reply.headers(SAFE_HEADERS), error, status);
}

/** Of a server that has the API: while there is nothing yet that could answer. */
export function answerNotYet(reply: FastifyReply): FastifyReply {
  const error = new FactoryError('SHUTTING_DOWN', 'The factory is starting; try again in a moment.');
  return sendProblem(reply.headers({ ...SAFE_HEADERS, 'retry-after': '5' }), error, statusOf(error));
}

/** A refusal is no error, but why a token was refused is what its owner will ask the operator. */
export function logUnlessRefusal(logger: Logger, error: FactoryError, fields: object = {}): void {
  if (!isRefusal(error)) {
    logFailure(logger, error, fields);
  } else if ((error.code === 'TOKEN_REFUSED' || error.code === 'ACCESS_DENIED') && error.claimLogLine()) {
    logger.info({ ...fields, errorId: error.id, code: error.code, detail: error.detail }, error.message);
  }
}

function sendProblem(reply: FastifyReply, error: FactoryError, status: number): FastifyReply {
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error, status)));
}

function asProblem(thrown: unknown): { readonly error: FactoryError; readonly status: number } {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const mistakes = thrown.validation.map(({ instancePath, message }) =>
      `${thrown.validationContext ?? ''}${instancePath}: ${message}`.trim(),
    );
    return invalid(mistakes.join('; '), 422);
  }
  const status = clientErrorStatus(thrown);
  if (status !== undefined && thrown instanceof Error) return invalid(thrown.message, status);
  const error = asFactoryError(thrown);
  return { error, status: statusOf(error) };
}

function invalid(mistake: string, status: number) {
  const message = `The request can not be understood: ${mistake.slice(0, LONGEST_DETAIL)}`;
  return { error: new FactoryError('REQUEST_INVALID', message), status };
}

/** What Fastify itself found wrong with a request: a body that is too long, of another type, or no JSON. */
function clientErrorStatus(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || thrown instanceof FactoryError || !('statusCode' in thrown))
    return undefined;
  const { statusCode } = thrown;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
