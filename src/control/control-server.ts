import { rm } from 'node:fs/promises';
import { type FastifyPluginAsync, fastify } from 'fastify';
import { z } from 'zod';
import { dataFolderFailure } from '../data-folder/data-folder-failure.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { CONTROL_SOCKET, nameOrigin } from '../http/origin.ts';
import { type RequestTimes, timeOptions } from '../http/request-times.ts';
import type { Logger } from '../logging/logger.ts';
import type { ControlTarget } from './control-target.ts';
import { drainRequestSchema } from './drain-request.ts';
import { addEventsRoute } from './events-route.ts';
import { addGarbageRoute } from './garbage-route.ts';
import { addHooksRoute } from './hooks-route.ts';
import { audited } from './operator-audit.ts';
import { addTokenRoutes } from './tokens-route.ts';
import { addUserRoutes } from './users-route.ts';
import { addWhoRoute } from './who-route.ts';
import { addWorkspaceRoute } from './workspace-route.ts';

export interface ControlServerOptions {
  /** Of a Unix socket in a folder that is the factory's alone: who may connect may do everything. */
  readonly path: string;
  readonly target: ControlTarget;
  /** The HTTP API, which is here as well; a token for it is had from `POST /tokens`. */
  readonly api?: FastifyPluginAsync;
  readonly logger: Logger;
  readonly times?: RequestTimes;
}

export interface ControlServer {
  /** Ends open requests as well; idempotent. */
  close(): Promise<void>;
}

/** ms; Docker answers for every workspace within it. */
const STATUS_LIMIT = 30_000;

/**
 * HTTP with JSON on a Unix socket: `GET /status`, `POST /drain`, `DELETE /drain`, `GET /events`, `POST /workspaces/…`,
 * `GET /garbage`, `DELETE /garbage`, `POST /tokens…`, `GET /tokens/jwks`, `GET /users`, `POST /users/…/acceptance`, `GET /who/…`, and the HTTP API. The data folder must be locked, as a socket
 * that a killed factory left is removed. Rejects as `dataFolderFailure` says where there can be none.
 */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { path, target, api, logger } = options;
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 16 * 1024,
    ...timeOptions(options.times),
  });
  app.get('/status', () => target.status(AbortSignal.timeout(STATUS_LIMIT)));
  app.post('/drain', (request, reply) => {
    const drain = drainRequestSchema.safeParse(request.body);
    if (!drain.success) return reply.code(400).send({ message: z.prettifyError(drain.error) });
    const act = { request, what: 'drain', message: 'draining', fields: drain.data } as const;
    return audited(logger, act, () =>
      target.drain({ within: drain.data.within_ms, message: drain.data.message }),
    );
  });
  app.delete('/drain', async (request, reply) => {
    const act = { request, what: 'drain', message: 'the drain is called off' } as const;
    await audited(logger, act, () => target.cancelDrain());
    return reply.code(204).send();
  });
  addEventsRoute(app, target, logger);
  addWorkspaceRoute(app, target, logger);
  addGarbageRoute(app, target.garbage, logger);
  addTokenRoutes(app, target.tokens, logger);
  addHooksRoute(app, target.hooks, logger);
  addUserRoutes(app, target.users, logger);
  addWhoRoute(app, target.who, logger);
  app.setErrorHandler((error, request, reply) => {
    // A body that is no JSON, too long or of another type is the mistake of who asks.
    const mistake = mistakeOf(error);
    if (mistake !== undefined) return reply.code(mistake.statusCode).send({ message: mistake.message });
    logger.error({ err: error, path: request.routeOptions.url }, 'a control request failed');
    return reply.code(500).send({ message: error instanceof FactoryError ? error.message : 'see the log' });
  });
  app.server.on('connection', (socket) => nameOrigin(socket, CONTROL_SOCKET));
  if (api !== undefined) await app.register(api);
  try {
    await rm(path, { force: true });
    await app.listen({ path });
  } catch (cause) {
    await app.close();
    throw dataFolderFailure('The control socket can not be made in the data folder', cause);
  }
  return { close: () => app.close() };
}

/** What Fastify itself does not take; undefined: it is a failure of ours. */
function mistakeOf(error: unknown): { readonly statusCode: number; readonly message: string } | undefined {
  if (!(error instanceof Error) || error instanceof FactoryError || !('statusCode' in error))
    return undefined;
  const { statusCode, message } = error;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined;
  return { statusCode, message };
}
