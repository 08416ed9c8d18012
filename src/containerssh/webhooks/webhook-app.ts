import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  type onRequestAsyncHookHandler,
} from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { asFactoryError, FactoryError } from '../../errors/factory-error.ts';
import { isRefusal, PROBLEM_TYPE, problemOf, statusOf } from '../../http/problem.ts';
import { audit } from '../../logging/audit.ts';
import { logFailure } from '../../logging/log-failure.ts';
import type { Logger } from '../../logging/logger.ts';
import { type AttemptLimits, type AttemptLimitValues, createAttemptLimits } from './attempt-limits.ts';
import type { CallerCheck } from './caller-check.ts';
import { describeWebhooks } from './describe-webhooks.ts';
import { FrontDesk, type FrontDeskOptions } from './front-desk.ts';
import { addWebhookRoutes, WEBHOOKS } from './webhook-routes.ts';

export type WebhookApp = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface WebhookAppOptions extends FrontDeskOptions {
  readonly createServer: (listener: RequestListener) => Server;
  /** Undefined: the server lets nobody in who may not ask. */
  readonly check: CallerCheck | undefined;
  readonly attempts: AttemptLimitValues;
  /** The end of ContainerSSH's patience with a call that begins now. */
  readonly patience: () => AbortSignal;
  readonly logger: Logger;
}

/** A request holds a key of 16384 bits and what an earlier answer gave along; bytes. */
const BODY_LIMIT = 64 * 1_024;

/** The webhooks, without a place to listen. */
export async function createWebhookApp(options: WebhookAppOptions): Promise<WebhookApp> {
  const { createServer, check, patience, logger } = options;
  const app: WebhookApp = fastify({
    logger: false,
    serverFactory: createServer,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    frameworkErrors: (_error, _request, reply) => sendProblem(reply, invalid('That path is none.'), 400),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerProblem(logger));
  app.setNotFoundHandler(answerNotFound);
  const limits = await createAttemptLimits(app, options.attempts);
  if (check !== undefined) app.addHook('onRequest', requireSecret(check, limits, logger));
  await describeWebhooks(app);
  addWebhookRoutes(app, { desk: new FrontDesk(options), limits, logger, patience });
  return app;
}

/** Before anything of the request but its head is read, also where it asks for nothing that there is. */
function requireSecret(check: CallerCheck, limits: AttemptLimits, logger: Logger): onRequestAsyncHookHandler {
  return async (request, reply) => {
    if (check(request.raw)) return;
    // The body is not read, so nothing more can be asked on this connection.
    reply.header('connection', 'close');
    if (!(await limits.takeStranger(request))) {
      return sendProblem(
        reply,
        new FactoryError('TOO_MANY_REQUESTS', 'Too many tries without the secret.'),
        429,
      );
    }
    const from = `${request.raw.socket.remoteAddress ?? ''}:${request.raw.socket.remotePort ?? ''}`;
    const what = { door: 'containerssh', what: 'caller', result: 'refused' } as const;
    audit(logger, { who: '', from, ...what }, 'a caller without the secret for ContainerSSH');
    reply.header('www-authenticate', 'Basic realm="ssh-lab-factory"');
    return sendProblem(reply, new FactoryError('TOKEN_REFUSED', 'The secret is missing or wrong.'), 401);
  };
}

function answerNotFound({ url, method }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isThere = WEBHOOKS.some((path) => url.split('?', 1).join('') === path);
  if (!isThere) return sendProblem(reply, invalid('There is no such webhook.'), 404);
  return sendProblem(reply.header('allow', 'POST'), invalid(`A webhook is no ${method.slice(0, 16)}.`), 405);
}

/** What was sent is not repeated: it may hold a password. */
function answerProblem(logger: Logger) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (hasZodFastifySchemaValidationErrors(thrown)) {
      const places = thrown.validation.map(({ instancePath }) => instancePath || '/').slice(0, 10);
      return sendProblem(reply, invalid(`Not as ContainerSSH sends it: ${places.join(', ')}`), 422);
    }
    const status = clientErrorStatus(thrown);
    if (status !== undefined) return sendProblem(reply, invalid('The request can not be read.'), status);
    const error = asFactoryError(thrown);
    if (!isRefusal(error)) logFailure(logger, error, { path: request.routeOptions.url });
    return sendProblem(reply, error, statusOf(error));
  };
}

/** What Fastify itself found wrong with a request: a body that is too long, of another type, or no JSON. */
function clientErrorStatus(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || thrown instanceof FactoryError || !('statusCode' in thrown))
    return undefined;
  const { statusCode } = thrown;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function invalid(message: string): FactoryError {
  return new FactoryError('REQUEST_INVALID', message.slice(0, 500));
}

function sendProblem(reply: FastifyReply, error: FactoryError, status: number): FastifyReply {
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send(problemOf(error, status));
}
