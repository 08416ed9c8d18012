import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type FastifyInstance, fastify } from 'fastify';
import type { RunClusterCommand } from '../cluster-command/cluster-command.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import type { LabDoor } from '../gateway/door/lab-door.ts';
import { labOrigin, nameOrigin } from '../http/origin.ts';
import { isRefusal, PROBLEM_TYPE, problemOf } from '../http/problem.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { TokenIssuer, TokenVerifier } from '../tokens/tokens.ts';
import { addCommandRoute } from './command-route.ts';
import { refuseOtherTokens } from './own-token.ts';
import { addTokenRoute } from './token-route.ts';
import type { WorkspaceOf } from './workspace-of.ts';

export interface LabDoorOptions {
  /** In the container; see `LabDoor`. */
  readonly folder: string;
  readonly run: RunClusterCommand;
  readonly issuer: TokenIssuer;
  readonly verifier: TokenVerifier;
  /** Puts the HTTP API under `/api/v1`. */
  readonly addApi: (app: FastifyInstance) => void | Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ServedLabDoor extends LabDoor {
  /** All that can be asked: `POST /cluster`. */
  readonly routes: readonly string[];
  close(): Promise<void>;
}

/** Who is behind a stream. */
interface Visitor {
  readonly key: WorkspaceKey;
  /** Ends the stream if the request takes too long. Node has limits for that only where a server listens. */
  readonly deadline: Disposable;
}

/** An answer may take as long as the command does; a request may not. ms */
const REQUEST_LIMIT = 10_000;

/** Words of a command and headers of a request; bytes. */
const BODY_LIMIT = 64 * 1024;
const HEADER_LIMIT = 16 * 1024;

/**
 * HTTP for whoever is in a lab's container, over streams that the gateway hands over: no socket of this host listens. Each
 * stream belongs to one workspace, and serves one request: `POST /cluster`, `GET /token`, or the API.
 */
export async function createLabDoor(options: LabDoorOptions): Promise<ServedLabDoor> {
  const { folder, clock, logger } = options;
  const visitors = new WeakMap<object, Visitor>();
  const streams = new Set<Duplex>();
  const routes: string[] = [];
  const app = await createDoorApp(options, routes, ({ socket }) => {
    const visitor = visitors.get(socket);
    if (visitor === undefined) throw new Error('a request that came by no door');
    return visitor;
  });
  return {
    folder,
    routes,
    connect(key, stream) {
      const deadline = clock.schedule(REQUEST_LIMIT, () => stream.destroy());
      visitors.set(stream, { key, deadline });
      nameOrigin(stream, labOrigin(key));
      streams.add(stream);
      stream.once('close', () => {
        deadline[Symbol.dispose]();
        streams.delete(stream);
      });
      stream.on('error', (err) => logger.debug({ err }, 'a request at the door of a lab was cut off'));
      app.server.emit('connection', stream);
    },
    async close() {
      for (const stream of streams) stream.destroy();
      await app.close();
    },
  };
}

async function createDoorApp(
  { run, issuer, verifier, addApi, logger }: LabDoorOptions,
  routes: string[],
  visitorOf: (request: IncomingMessage) => Visitor,
): Promise<FastifyInstance> {
  const workspaceOf: WorkspaceOf = (request) => visitorOf(request).key;
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT,
    http: { maxHeaderSize: HEADER_LIMIT },
  });
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`));
  // The stream ends with its answer, so that none lies open unused.
  app.addHook('onRequest', async (_request, reply) => void reply.header('connection', 'close'));
  // All of the request is there.
  app.addHook('preHandler', async ({ raw }) => visitorOf(raw).deadline[Symbol.dispose]());
  app.setErrorHandler((error, request, reply) => {
    // What the server itself does not take: a body that is too long, or of a type that nobody reads.
    const { statusCode = 500 } = error instanceof Error && 'statusCode' in error ? error : {};
    if (typeof statusCode === 'number' && statusCode < 500) return reply.code(statusCode).send();
    const failure = asFactoryError(error);
    if (!isRefusal(failure)) logFailure(logger, failure, { path: request.routeOptions.url });
    const problem = problemOf(failure);
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
  await app.register(async (scope) => addCommandRoute(scope, { run, workspaceOf }));
  addTokenRoute(app, { issuer, workspaceOf });
  await app.register(async (scope) => {
    refuseOtherTokens(scope, { verifier, workspaceOf });
    await addApi(scope);
  });
  await app.ready();
  return app;
}
