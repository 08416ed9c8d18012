import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { API_PATH } from '../api/endpoints.ts';
import { answerNotYet, answerUnroutable } from '../api/problem-answer.ts';
import type { ListenAddress } from '../config/factory-config.ts';
import { formatListen, fromThisHost } from '../config/listen-address.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import { listenFailure } from '../errors/listen-failure.ts';
import { timeOptions } from '../http/request-times.ts';
import { logFailure, sentenceWithId } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import { asleepPage } from './asleep-page.ts';
import { frontPage } from './front-page.ts';
import type { LocalDoor, SshDoor } from './ssh-door.ts';
import { unknownPage } from './unknown-page.ts';

export interface WebServerOptions {
  /** Port 0 is a free one. */
  readonly listen: ListenAddress;
  /** Asked for each page: the port may not be known yet when the server starts. */
  readonly door: () => SshDoor | LocalDoor;
  /** Who wakes what answers at that host, as they log in; undefined: nobody is known. */
  readonly loginFor: (host: string) => string | undefined;
  /** Where a workspace's Ingresses answer, `http://<user>.lab.example.org`; asked for each page as well. */
  readonly publicUrl: () => string;
  /** Answers what is below its path; undefined: not yet. */
  readonly api: () => HttpHandler | undefined;
  readonly logger: Logger;
}

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface WebServer {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Ends open connections as well; idempotent. */
  close(): Promise<void>;
}

const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * Serves the front page, the health check and the HTTP API; and what Traefik shows in the place of a sleeping workspace, and of one
 * that is not there. Rejects as `listenFailure` says.
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const app = createWebApp(options);
  try {
    // A copy: Fastify writes into what it is given, and this is the configuration.
    await app.listen({ ...options.listen });
  } catch (cause) {
    await app.close();
    const message = `The web server can't listen on ${formatListen(options.listen)}; mend web.listen, or end what listens there.`;
    throw listenFailure(message, cause);
  }
  return { url: urlOf(app, options.listen.host), close: () => app.close() };
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without an address');
  return `http://${formatListen(fromThisHost({ host, port: address.port }))}`;
}

/** The server without its socket. */
export function createWebApp({
  door,
  loginFor,
  publicUrl,
  api,
  logger,
}: Omit<WebServerOptions, 'listen'>): FastifyInstance {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 1024,
    frameworkErrors: answerUnroutable,
    ...timeOptions(),
  });
  takeAnyRequest(app);
  app.all(`${API_PATH}/*`, (request, reply) => {
    const handler = api();
    if (handler === undefined) return answerNotYet(reply);
    reply.hijack();
    handler(request.raw, reply.raw);
  });

  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/', (_request, reply) => sendPage(reply, frontPage(door(), publicUrl())));
  app.all('/asleep', (request, reply) => {
    const host = request.headers.host ?? '';
    return sendPage(
      reply.code(503).header('retry-after', '30').header('cache-control', 'no-store'),
      asleepPage(host, loginFor(host), door()),
    );
  });
  // Not for whom it is: it must not tell which users there are.
  app.all('/unknown', (_request, reply) =>
    sendPage(reply.code(404).header('cache-control', 'no-store'), unknownPage(door())),
  );
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('There is nothing here.\n'),
  );
  app.setErrorHandler((error, request, reply) => {
    const failure = asFactoryError(error);
    logFailure(logger, failure, { path: request.routeOptions.url });
    return reply
      .code(500)
      .type('text/plain')
      .send(`${sentenceWithId(failure)}\n`);
  });
  return app;
}

/** The asleep page answers for students' own apps: with any method (WebDAV, …), and with a body of any kind, unread. */
function takeAnyRequest(app: FastifyInstance): void {
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
  }
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

function sendPage(reply: FastifyReply, text: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', CONTENT_POLICY)
    .header('x-content-type-options', 'nosniff')
    .send(text);
}
