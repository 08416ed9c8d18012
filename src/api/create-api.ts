import type { FastifyPluginAsync } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Groups } from '../groups/groups.ts';
import { WrongTokens } from '../http/wrong-tokens.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { TokenVerifier } from '../tokens/tokens.ts';
import { type ApiApp, type ApiContext, decorateRequests, type PublicKeys } from './api-context.ts';
import { ApiAudit } from './audit-calls.ts';
import { CallRates } from './call-rates.ts';
import type { ClusterApiTarget } from './cluster-api-target.ts';
import { describeApi } from './describe-api.ts';
import { API_PATH } from './endpoints.ts';
import { createGuard } from './guard.ts';
import { OpenCalls } from './open-calls.ts';
import { answerNotFound, answerProblem, SAFE_HEADERS } from './problem-answer.ts';
import { addDescriptionRoutes } from './routes/description-routes.ts';
import { addEventsRoute } from './routes/events-route.ts';
import { addOrderingRoutes } from './routes/ordering-routes.ts';
import { addReadingRoutes } from './routes/reading-routes.ts';

export interface ApiOptions {
  readonly target: ClusterApiTarget;
  readonly verifier: TokenVerifier;
  readonly jwks: PublicKeys;
  /** Whom instructors reach. */
  readonly groups: Groups;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Requests of one caller within a minute. */
  readonly mostCalls?: number;
}

/** Bodies are a line of JSON at most. */
const BODY_LIMIT = 4_096;

/**
 * The HTTP API of the clusters, under /api/v1. It may be registered on several servers; callers are counted over all of them. It
 * brings its own parser of bodies and answers its own errors, whatever the server does with others'.
 */
export function createApi(options: ApiOptions): FastifyPluginAsync {
  const { target, verifier, groups, jwks, logger, clock } = options;
  const context: ApiContext = { target, groups, logger, clock, calls: new OpenCalls() };
  const wrongTokens = new WrongTokens({ door: 'api', logger });
  const log = new ApiAudit(logger);
  const rates = new CallRates(options.mostCalls);
  return async (server) => {
    await server.register(
      async (plain) => {
        const app: ApiApp = plain.withTypeProvider();
        speakJson(app);
        decorateRequests(app);
        app.addHook('onRequest', async (_request, reply) => {
          reply.headers(SAFE_HEADERS);
        });
        app.addHook('onClose', async () => {
          for (const counted of [wrongTokens, log]) counted[Symbol.dispose]();
        });
        app.addHook('onRequest', createGuard({ context, verifier, wrongTokens, rates, log }));
        app.setErrorHandler(answerProblem(logger));
        app.setNotFoundHandler(answerNotFound);
        await describeApi(app);
        addReadingRoutes(app, context);
        addOrderingRoutes(app, context);
        addEventsRoute(app, context);
        addDescriptionRoutes(app, jwks);
      },
      { prefix: API_PATH },
    );
  };
}

/** JSON and nothing else; an empty body is none. */
function speakJson(app: ApiApp): void {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else parse(request, String(body), done);
    },
  );
}
