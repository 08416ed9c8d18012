import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A hook as it came in. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Of the body. */
  readonly type: string;
  readonly user: string;
}

export type Answer = (received: Received, response: ServerResponse) => void;

export interface Receiver extends AsyncDisposable {
  /** "http://127.0.0.1:40000" */
  readonly url: string;
  readonly received: Received[];
  /** May be changed at any time. */
  answer: Answer;
}

export const OK: Answer = (_received, response) => void response.writeHead(204).end();

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (_received, response) => void response.writeHead(code, headers).end();
}

export function json(value: unknown, headers: Record<string, string> = {}): Answer {
  return (_received, response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(value));
}

/** A real receiver on the loopback. `port` 0: a free one. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = (await buffer(request).catch(() => undefined))?.toString();
    if (body === undefined) return;
    const { type, username } = parsed(body);
    const one = { path: request.url ?? '', headers: request.headers, body, type, user: username };
    received.push(one);
    receiver.answer(one, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${bound}`,
    received,
    answer: OK,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

function parsed(body: string): { readonly type: string; readonly username: string } {
  const { type, username } = JSON.parse(body);
  return { type: String(type), username: String(username) };
}
