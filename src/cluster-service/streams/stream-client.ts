import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { ServiceAddress } from '../../config/factory-config.ts';
import type { FactoryError } from '../../errors/factory-error.ts';
import { parseJson } from '../../json/parse-json.ts';
import type { ExecStream, SshdTransport } from '../../workspaces/ports/runtime.ts';
import { type StreamRequest, streamRequestSchema } from '../operations.ts';
import { errorOf, problemSchema } from '../problem.ts';
import { cutOff, unfit, unreachable } from '../service-failure.ts';
import { ChannelLink } from './channel-link.ts';
import {
  CHANNEL,
  LONGEST_PAYLOAD,
  STREAMS_PATH,
  type StreamStatus,
  SUBPROTOCOL,
  streamStatusSchema,
} from './channels.ts';
import { DataChannel } from './data-channel.ts';

export interface StreamClientOptions {
  readonly address: ServiceAddress;
  /** A value for the header `Authorization`. */
  readonly authorization: () => Promise<string>;
}

/** Until the WebSocket is there; ms. */
const HANDSHAKE_LIMIT = 10_000;

/** Of the body of a refusal; bytes. */
const LONGEST_REFUSAL = 128 * 1024;

/** `sshd -i` in a container, on the other side. Rejects as `Runtime.openSshd` does. */
export async function openRemoteSshd(
  options: StreamClientOptions,
  request: Extract<StreamRequest, { open: 'sshd' }>,
  signal: AbortSignal,
): Promise<SshdTransport> {
  let diagnostics = '';
  const { link, data } = await open(options, request, signal, (status) => {
    if (status.kind === 'diagnostics') diagnostics = status.text;
  });
  data.once('close', () => link.close());
  return { stream: data, diagnostics: () => diagnostics };
}

/** A command in a container, on the other side. Rejects as `Runtime.exec` does. */
export async function openRemoteExec(
  options: StreamClientOptions,
  request: Extract<StreamRequest, { open: 'exec' }>,
  signal: AbortSignal,
): Promise<ExecStream> {
  const exited = Promise.withResolvers<number>();
  // It may be that nobody asks how it ended.
  exited.promise.catch(() => undefined);
  const { link, data, errors } = await open(options, request, signal, (status) => {
    if (status.kind === 'exit') exited.resolve(status.status);
    if (status.kind === 'failed') exited.reject(errorOf(status.problem));
  });
  void link.closed.then(() => exited.reject(cutOff()));
  // A terminal has one output, so nobody reads this one to its end.
  const outputs = request.pty === null ? [data, errors] : [data];
  return {
    stdin: data,
    stdout: data,
    stderr: errors,
    resize: async (columns, rows) => link.sendControl(CHANNEL.resize, { columns, rows }),
    exit: async () => {
      // An output that broke has ended, too.
      await Promise.allSettled(outputs.map((output) => finished(output, { writable: false })));
      return exited.promise;
    },
    close: () => {
      data.destroy();
      link.close();
    },
  };
}

interface OpenStream {
  readonly link: ChannelLink;
  readonly data: DataChannel;
  readonly errors: DataChannel;
}

/** `onStatus`: for all that is said once it is open. */
async function open(
  options: StreamClientOptions,
  request: StreamRequest,
  signal: AbortSignal,
  onStatus: (status: StreamStatus) => void,
): Promise<OpenStream> {
  const socket = await connect(options, signal);
  const opened = Promise.withResolvers<void>();
  let isOpen = false;
  const link = new ChannelLink(socket, (channel, value) => {
    const status = streamStatusSchema.safeParse(value);
    if (channel !== CHANNEL.status || !status.success) {
      opened.reject(unfit('a status of a stream that is none'));
      return false;
    }
    if (isOpen) onStatus(status.data);
    else if (status.data.kind === 'open') {
      isOpen = true;
      opened.resolve();
    } else if (status.data.kind === 'failed') opened.reject(errorOf(status.data.problem));
    return true;
  });
  const data = new DataChannel(link, { reads: CHANNEL.stdout, writes: CHANNEL.stdin });
  const errors = new DataChannel(link, { reads: CHANNEL.stderr, writes: undefined });
  void link.closed.then(() => opened.reject(cutOff()));
  const abort = () => opened.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.send(JSON.stringify(z.encode(streamRequestSchema, request)));
  try {
    await opened.promise;
    return { link, data, errors };
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function connect(options: StreamClientOptions, signal: AbortSignal): Promise<WebSocket> {
  signal.throwIfAborted();
  const authorization = await options.authorization();
  const socket = new WebSocket(urlOf(options.address), SUBPROTOCOL, {
    headers: { authorization },
    perMessageDeflate: false,
    maxPayload: LONGEST_PAYLOAD,
    handshakeTimeout: HANDSHAKE_LIMIT,
    maxRedirects: 0,
  });
  const connected = Promise.withResolvers<WebSocket>();
  const abort = () => connected.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('open', () => connected.resolve(socket));
  socket.on('error', (error) => connected.reject(unreachable(error)));
  socket.once('unexpected-response', (_request, response: IncomingMessage) => {
    void refusalOf(response).then(connected.reject);
  });
  try {
    return await connected.promise;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function urlOf(address: ServiceAddress): string {
  if (address.kind === 'socket') return `ws+unix:${address.path}:${STREAMS_PATH}`;
  return `${address.origin.replace(/^http/, 'ws')}${STREAMS_PATH}`;
}

async function refusalOf(response: IncomingMessage): Promise<FactoryError> {
  const status = `status ${response.statusCode}`;
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response.setTimeout(HANDSHAKE_LIMIT, () => response.destroy())) {
      length += chunk.length;
      if (length > LONGEST_REFUSAL) return unfit(status);
      chunks.push(chunk);
    }
    const problem = problemSchema.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
    return problem.success ? errorOf(problem.data) : unfit(status);
  } catch (cause) {
    return unreachable(cause);
  }
}
