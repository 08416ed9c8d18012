import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type FastifyInstance, fastify } from 'fastify';
import type { RunClusterCommand } from '../cluster-command/cluster-command.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import type { LabDoor } from '../gateway/door/lab-door.ts';
import { isRefusal, PROBLEM_TYPE, problemOf } from '../http/problem.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { TokenIssuer, TokenVerifier } from '../tokens/tokens.ts';
import { addCommandRoute } from './command-route.ts';
import { refuseOtherTokens } from './own-token.ts';
import { addTokenRoute } from './token-route.ts';

export interface LabDoorOptions {
  /** In the container; see `LabDoor`. */
  readonly folder: string;
  readonly run: RunClusterCommand;
  readonly issuer: TokenIssuer;
  readonly verifier: TokenVerifier;
  /** Puts the HTTP API under `/api/v1`. */
  readonly addApi: (app: FastifyInstance) => void | Promise<void>;
  readonly logger: Logger;
}

/** An answer may take as long as the command does; a question may not. ms */
const QUESTION_LIMIT = 10_000;

/** Words of a command and headers of a request; bytes. */
const BODY_LIMIT = 64 * 1024;
const HEADER_LIMIT = 16 * 1024;

/**
 * HTTP for whoever is in a lab's container, over streams that the gateway hands over: no socket of this host listens. Each
 * stream belongs to one workspace, and serves one request: `POST /cluster`, `GET /token`, or the API.
 */
export async function createLabDoor(options: LabDoorOptions): Promise<LabDoor & { close(): Promise<void> }> {
  const { folder, logger } = options;
  const workspaces = new WeakMap<object, WorkspaceKey>();
  const streams = new Set<Duplex>();
  const workspaceOf = ({ socket }: IncomingMessage): WorkspaceKey => {
    const key = workspaces.get(socket);
    if (key === undefined) throw new Error('a request that came by no door');
    return key;
  };
  const app = await createDoorApp(options, workspaceOf);
  return {
    folder,
    connect(key, stream) {
      workspaces.set(stream, key);
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      stream.on('error', (err) => logger.debug({ err }, 'a request at the door of a lab was cut off'));
      app.server.emit('connection', stream);
    },
    async close() {
      for (const stream of streams) stream.destroy();
      await app.close();
    },
  };
}

export type WorkspaceOf = (request: IncomingMessage) => WorkspaceKey;

async function createDoorApp(
  { run, issuer, verifier, addApi, logger }: LabDoorOptions,
  workspaceOf: WorkspaceOf,
): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT,
    requestTimeout: QUESTION_LIMIT,
    http: {
      maxHeaderSize: HEADER_LIMIT,
      headersTimeout: QUESTION_LIMIT,
      connectionsCheckingInterval: QUESTION_LIMIT / 4,
    },
  });
  // The stream ends with its answer, so that none lies open unused.
  app.addHook('onRequest', async (_request, reply) => void reply.header('connection', 'close'));
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
