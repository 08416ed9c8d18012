import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import type { EngineHost } from '../../backend/engine-host.ts';
import { asFactoryError, FactoryError } from '../../errors/factory-error.ts';
import { PROBLEM_TYPE } from '../../http/problem.ts';
import type { Refusal } from '../../http/refusal.ts';
import { parseJson } from '../../json/parse-json.ts';
import { logFailure } from '../../logging/log-failure.ts';
import type { Logger } from '../../logging/logger.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import type { GatewayCheck } from '../authentication.ts';
import { type StreamRequest, streamRequestSchema } from '../operations.ts';
import { problemOf } from '../problem.ts';
import { ChannelLink } from './channel-link.ts';
import {
  CHANNEL,
  LONGEST_PAYLOAD,
  STREAMS_PATH,
  type StreamStatus,
  SUBPROTOCOL,
  terminalSizeSchema,
} from './channels.ts';
import { DataChannel } from './data-channel.ts';
import { flow } from './flow.ts';

export interface StreamServerOptions {
  readonly host: () => Promise<EngineHost>;
  readonly check: GatewayCheck;
  readonly logger: Logger;
}

/** Until the client has said what to open; ms. */
const REQUEST_LIMIT = 10_000;

/** Until the stream is open; ms. */
const OPEN_LIMIT = 60_000;

/** Until a container has taken what was sent whole, once the client is gone; ms. */
const FLUSH_LIMIT = 10_000;

/** How often a cut cable is looked for; ms. */
const TCP_KEEP_ALIVE = 15_000;

/** `sshd` and commands in containers, over WebSockets of `server`. */
export function acceptStreams(server: Server, options: StreamServerOptions): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: LONGEST_PAYLOAD,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy());
    refusalOf(request, options.check).then((refusal) => {
      if (refusal !== undefined) return refuse(connection, refusal, options.logger);
      request.socket.setKeepAlive(true, TCP_KEEP_ALIVE).setNoDelay(true);
      sockets.handleUpgrade(request, connection, head, (socket) => void serve(socket, options));
    });
  });
  return {
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

/** Never rejects; undefined: it may have a stream. */
async function refusalOf(request: IncomingMessage, check: GatewayCheck): Promise<Refusal | undefined> {
  const refusal = await check(request);
  if (refusal !== undefined || request.url === STREAMS_PATH) return refusal;
  const error = new FactoryError('REQUEST_INVALID', 'The cluster service has no such stream.');
  return { error, headers: {} };
}

function refuse(connection: Duplex, { error: thrown, headers }: Refusal, logger: Logger): void {
  const error = asFactoryError(thrown);
  if (error.code !== 'TOO_MANY_REQUESTS') logFailure(logger, error, { path: STREAMS_PATH });
  const body = JSON.stringify(problemOf(error));
  const head = [
    `HTTP/1.1 ${statusLineOf(error)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  connection.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function statusLineOf({ code }: FactoryError): string {
  if (code === 'REQUEST_INVALID') return '400 Bad Request';
  if (code === 'ACCESS_DENIED') return '403 Forbidden';
  return code === 'TOO_MANY_REQUESTS' ? '429 Too Many Requests' : '401 Unauthorized';
}

async function serve(socket: WebSocket, { host, logger }: StreamServerOptions): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const request = await firstMessage(socket, gone.signal);
  if (request === undefined) return socket.close(1002, 'no request');
  let resize: Resize = () => undefined;
  const link = new ChannelLink(socket, (channel, value) => {
    const size = terminalSizeSchema.safeParse(value);
    if (channel !== CHANNEL.resize || !size.success) return false;
    resize(size.data.columns, size.data.rows);
    return true;
  });
  const tell: Tell = (status) => link.sendControl(CHANNEL.status, status);
  try {
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(OPEN_LIMIT)]);
    const open = { link, tell, host: await host(), signal };
    if (request.open === 'sshd') await serveSshd(request, open);
    else await serveExec(request, open, (how) => (resize = how));
  } catch (thrown) {
    if (gone.signal.aborted) return;
    const error = asFactoryError(thrown);
    logFailure(logger, error, { workspace: formatWorkspaceKey(request.key), open: request.open });
    tell({ kind: 'failed', problem: problemOf(error) });
  } finally {
    link.close();
  }
}

/** What is asked for; undefined where the client says nothing that can be understood. */
function firstMessage(socket: WebSocket, gone: AbortSignal): Promise<StreamRequest | undefined> {
  const { promise, resolve } = Promise.withResolvers<StreamRequest | undefined>();
  const given = AbortSignal.any([gone, AbortSignal.timeout(REQUEST_LIMIT)]);
  given.addEventListener('abort', () => resolve(undefined), { once: true });
  socket.on('error', () => undefined);
  socket.once('message', (data, isBinary) => {
    const text = isBinary || !Buffer.isBuffer(data) ? '' : data.toString('utf8');
    resolve(streamRequestSchema.safeParse(parseJson(text)).data);
  });
  return promise;
}

type Tell = (status: StreamStatus) => void;
type Resize = (columns: number, rows: number) => void;

interface Opening {
  readonly link: ChannelLink;
  readonly tell: Tell;
  readonly host: EngineHost;
  /** Aborts when the client is gone, or it takes too long. */
  readonly signal: AbortSignal;
}

type Asked<Kind extends StreamRequest['open']> = Extract<StreamRequest, { open: Kind }>;

async function serveSshd({ key, authorizedKey, env }: Asked<'sshd'>, opening: Opening): Promise<void> {
  const { link, tell, host, signal } = opening;
  const data = new DataChannel(link, { reads: CHANNEL.stdin, writes: CHANNEL.stdout });
  const { stream, diagnostics } = await host.runtimeFor(authorizedKey).openSshd(key, env, signal);
  tell({ kind: 'open' });
  data.once('close', () => void letGo(stream, { isWhole: data.readableEnded }));
  flow(data, stream);
  flow(stream, data);
  await Promise.allSettled([finished(stream), finished(data, { readable: false })]);
  tell({ kind: 'diagnostics', text: diagnostics() });
}

/** `isWhole`: all that the client had to say has come, and what of it is yet to be written is not lost with the client. */
async function letGo(stream: Duplex, { isWhole }: { readonly isWhole: boolean }): Promise<void> {
  if (isWhole) {
    const patience = AbortSignal.timeout(FLUSH_LIMIT);
    await finished(stream, { readable: false, signal: patience }).catch(() => undefined);
  }
  stream.destroy();
}

async function serveExec(
  { key, command, pty }: Asked<'exec'>,
  { link, tell, host, signal }: Opening,
  onResize: (resize: Resize) => void,
): Promise<void> {
  const data = new DataChannel(link, { reads: CHANNEL.stdin, writes: CHANNEL.stdout });
  const errors = new DataChannel(link, { reads: undefined, writes: CHANNEL.stderr });
  const exec = await host.runtime.exec(key, command, pty ?? undefined, signal);
  void link.closed.then(() => exec.close());
  onResize((columns, rows) => void exec.resize(columns, rows).catch(() => undefined));
  tell({ kind: 'open' });
  flow(data, exec.stdin);
  flow(exec.stdout, data);
  flow(exec.stderr, errors);
  const status = await exec.exit();
  await Promise.allSettled([finished(data, { readable: false }), finished(errors)]);
  tell({ kind: 'exit', status });
}
