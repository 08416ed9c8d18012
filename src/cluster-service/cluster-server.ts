import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { z } from 'zod';
import type { ServiceAddress, ServiceListen } from '../config/factory-config.ts';
import { formatServiceAddress } from '../config/service-address.ts';
import { asFactoryError, FactoryError } from '../errors/factory-error.ts';
import { listenFailure } from '../errors/listen-failure.ts';
import { PROBLEM_TYPE } from '../http/problem.ts';
import { type RequestTimes, timeOptions } from '../http/request-times.ts';
import { KEEP_ALIVE } from '../http/server-sent-events.ts';
import { WrongTokens } from '../http/wrong-tokens.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { TokenVerifier } from '../tokens/tokens.ts';
import { createGatewayCheck } from './authentication.ts';
import { bindOperations, type ServedHost } from './bind-operations.ts';
import type { BoundOperation } from './bound-operation.ts';
import { type EventMessage, eventMessageSchema, KEEP_ALIVE_EVERY, toMessage } from './messages.ts';
import { OperationRuns, RUN_LIMITS, type Run, type RunLimits } from './operation-runs.ts';
import { problemOf } from './problem.ts';
import { STREAMS_PATH } from './streams/channels.ts';
import { acceptStreams } from './streams/stream-server.ts';

export interface ClusterServerOptions extends ServedHost {
  readonly listen: ServiceListen;
  readonly verifier: TokenVerifier;
  readonly logger: Logger;
  readonly limits?: RunLimits;
  /** How often a silent answer says that it goes on; ms. */
  readonly keepAliveEvery?: number;
  readonly times?: RequestTimes;
}

export interface ClusterServer {
  readonly address: ServiceAddress;
  /** All that can be asked: `POST /v1/operations/backend.open`; `UPGRADE` is a WebSocket. */
  readonly routes: readonly string[];
  /** Operations under way are ended, and streams. Idempotent. */
  close(): Promise<void>;
}

/** For one question; ms. */
const READ_LIMIT = 60_000;

/** With the circumstances of thousands of workspaces; bytes. */
const LONGEST_BODY = 16 * 2 ** 20;

/** What waits for a client that does not read; bytes. Progress beyond it is not told: there is more to come. */
const MOST_UNREAD = 256 * 1024;

/** So many clients may follow what happens. */
export const MOST_FOLLOWERS = 16;

const OPERATION_ID = /^[\w-]{8,64}$/;

/**
 * The cluster service: `POST /v1/operations/…` for each operation of the table, `DELETE /v1/runs/:id`, `GET /v1/events`, and
 * WebSockets on `/v1/streams`. Each takes a token of the gateway. A socket that a killed service left is removed. Rejects
 * as `listenFailure` says where it cannot listen.
 */
export async function startClusterServer(options: ClusterServerOptions): Promise<ClusterServer> {
  const { listen, verifier, logger, limits = RUN_LIMITS } = options;
  const send = streamSender(options.keepAliveEvery ?? KEEP_ALIVE_EVERY);
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: LONGEST_BODY,
    ...timeOptions(options.times),
  });
  const runs = new OperationRuns(limits);
  const ending = new AbortController();
  const wrongTokens = new WrongTokens({ door: 'clusters', logger });
  app.addHook('onClose', async () => wrongTokens[Symbol.dispose]());
  const check = createGatewayCheck(verifier, wrongTokens);
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`));
  app.addHook('onRequest', async ({ raw }, reply) => {
    const refusal = await check(raw);
    if (refusal === undefined) return;
    reply.headers(refusal.headers);
    throw refusal.error;
  });
  app.setNotFoundHandler(() => {
    throw new FactoryError('REQUEST_INVALID', 'The cluster service has no such operation.');
  });
  app.setErrorHandler((thrown, request, reply) => refuse(reply, thrown, logger, request.routeOptions.url));
  for (const operation of bindOperations(options)) addOperation(app, operation, { runs, send, logger });
  app.delete('/v1/runs/:id', async (request, reply) => {
    runs.abort(operationId(request.params));
    return reply.code(204).send();
  });
  addEvents(app, options, send, ending.signal);
  const streams = acceptStreams(app.server, { ...options, check });
  const address = await startListening(app, listen);
  return {
    address,
    routes: [...routes, `UPGRADE ${STREAMS_PATH}`],
    async close() {
      ending.abort();
      streams.close();
      await runs.close();
      await app.close();
    },
  };
}

async function startListening(
  app: FastifyInstance,
  listen: ClusterServerOptions['listen'],
): Promise<ServiceAddress> {
  try {
    if (listen.kind === 'port') {
      const origin = await app.listen({ host: listen.host, port: listen.port });
      return { kind: 'origin', origin };
    }
    await rm(listen.path, { force: true });
    // Another user's gateway connects to it; who it is its token says.
    await app.listen({ path: listen.path, readableAll: true, writableAll: true });
    return listen;
  } catch (cause) {
    await app.close();
    const place = listen.kind === 'port' ? `${listen.host}:${listen.port}` : formatServiceAddress(listen);
    const message = `The cluster service cannot listen on ${place}; mend clusters.service.listen.`;
    throw listenFailure(message, cause);
  }
}

function addOperation(
  app: FastifyInstance,
  operation: BoundOperation,
  {
    runs,
    send,
    logger,
  }: { readonly runs: OperationRuns; readonly send: SendStream; readonly logger: Logger },
): void {
  const { name, kind } = operation;
  app.post(`/v1/operations/${name}`, async (request, reply) => {
    const id = operationId({ id: request.headers['idempotency-key'] });
    const { lane, work } = operation.prepare(request.body);
    if (kind === 'read') {
      const signal = AbortSignal.any([untilClosed(reply), AbortSignal.timeout(READ_LIMIT)]);
      return { id, operation: name, result: await work({ progress: () => {}, signal }) };
    }
    const what = `${name} ${JSON.stringify(request.body)}`;
    const run = runs.ask({ id, what, lane, work: (progress, signal) => work({ progress, signal }) });
    return send(reply, tellRun(run, { id, operation: name }, logger));
  });
}

/** What a run is doing, and at last how it ended. */
function tellRun(
  run: Run,
  answer: { readonly id: string; readonly operation: string },
  logger: Logger,
): Tell {
  return (tell) => {
    const listening = run.listen((step) => tell({ kind: 'progress', step: step.slice(0, 1_000) }));
    const over = run.outcome.then((outcome) => {
      if (outcome.kind === 'done') return { kind: 'done', ...answer, result: outcome.result };
      logFailure(logger, outcome.error, { operation: answer.operation });
      return { kind: 'failed', ...answer, problem: problemOf(outcome.error) };
    });
    return { last: over, stop: () => listening[Symbol.dispose]() };
  };
}

function addEvents(app: FastifyInstance, { host }: ServedHost, send: SendStream, ending: AbortSignal): void {
  let followers = 0;
  app.get('/v1/events', async (_request, reply) => {
    if (followers >= MOST_FOLLOWERS) {
      throw new FactoryError('REQUEST_INVALID', 'Too many follow what happens on the cluster service.');
    }
    // Before the host is there: it may take its time, and many may ask meanwhile.
    followers += 1;
    const { follow } = await host().catch((thrown: unknown) => {
      followers -= 1;
      throw thrown;
    });
    return send(reply, (tell) => {
      const gone = new AbortController();
      // One that is not told would be missed for good; who connects again looks at everything.
      const say = (message: EventMessage) => {
        if (!tell(z.encode(eventMessageSchema, message))) gone.abort();
      };
      const watcher = {
        onChange: (key: WorkspaceKey) => say({ kind: 'changed', key }),
        onConnected: () => say({ kind: 'connected' }),
      };
      const followed = follow(watcher, AbortSignal.any([gone.signal, ending])).finally(() => {
        followers -= 1;
      });
      return { last: followed.then(() => undefined), stop: () => gone.abort() };
    });
  });
}

/** Tells messages one after the other, false: there is no room for it; `last` is the one that ends the answer, or undefined where that needs none. */
type Tell = (tell: (message: object) => boolean) => {
  readonly last: Promise<object | undefined>;
  /** Nobody listens any more. */
  stop(): void;
};

/** Answers with server-sent events until `last`, or until the client goes. */
type SendStream = (reply: FastifyReply, begin: Tell) => FastifyReply;

/** `keepAliveEvery`: ms. */
function streamSender(keepAliveEvery: number): SendStream {
  return (reply, begin) => sendStream(reply, begin, keepAliveEvery);
}

function sendStream(reply: FastifyReply, begin: Tell, keepAliveEvery: number): FastifyReply {
  const stream = new Readable({ read: () => {} });
  const push = (text: string): boolean => {
    if (stream.destroyed || stream.readableLength >= MOST_UNREAD) return false;
    stream.push(text);
    return true;
  };
  // The head of the answer goes out with it, so that the client knows that it is heard.
  push(KEEP_ALIVE);
  const keepAlive = setInterval(() => push(KEEP_ALIVE), keepAliveEvery);
  const { last, stop } = begin((message) => push(toMessage(message)));
  const end = () => {
    clearInterval(keepAlive);
    stop();
  };
  // Who hung up before the answer began will not do so again.
  if (reply.raw.destroyed) end();
  else reply.raw.once('close', end);
  void last.then((message) => {
    if (message !== undefined && !stream.destroyed) stream.push(toMessage(message));
    if (!stream.destroyed) stream.push(null);
  });
  return reply.header('content-type', 'text/event-stream').header('cache-control', 'no-store').send(stream);
}

function untilClosed(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort(new FactoryError('INTERRUPTED', 'Nobody waits for it any more.')));
  return gone.signal;
}

const idParams = z.object({ id: z.string().regex(OPERATION_ID) });

function operationId(from: unknown): string {
  const parsed = idParams.safeParse(from);
  if (parsed.success) return parsed.data.id;
  throw new FactoryError('REQUEST_INVALID', 'An operation needs an Idempotency-Key of 8 to 64 characters.');
}

/** RFC 9457. */
function refuse(
  reply: FastifyReply,
  thrown: unknown,
  logger: Logger,
  path: string | undefined,
): FastifyReply {
  const error = asServiceError(thrown);
  if (error.code !== 'TOO_MANY_REQUESTS') logFailure(logger, error, { path });
  return reply
    .code(statusOf(error))
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error)));
}

/** What fastify itself refuses (a body that is no JSON, or too long) is the client's mistake. */
function asServiceError(thrown: unknown): FactoryError {
  if (!(thrown instanceof FactoryError) && thrown instanceof Error && 'statusCode' in thrown) {
    return new FactoryError('REQUEST_INVALID', 'The cluster service cannot read that.', { cause: thrown });
  }
  return asFactoryError(thrown);
}

function statusOf({ code }: FactoryError): number {
  if (code === 'TOKEN_REFUSED') return 401;
  if (code === 'ACCESS_DENIED') return 403;
  if (code === 'TOO_MANY_REQUESTS') return 429;
  return code === 'REQUEST_INVALID' ? 400 : 500;
}
