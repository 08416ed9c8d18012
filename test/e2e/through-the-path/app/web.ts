import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import { document, echo, interim, trailers } from './answers.ts';
import { emit, events, openEvents } from './events.ts';
import { stream, written } from './streams.ts';

export type Answer = (url: URL, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** For headers: above what any Traefik on the way lets through. */
const MOST_HEADERS = 4 * 2 ** 20;

const ANSWERS: Readonly<Record<string, Answer>> = {
  '/echo': echo,
  '/document': document,
  '/trailers': trailers,
  '/interim': interim,
  '/stream': stream,
  '/events': events,
  '/emit': emit,
  '/state': (_url, _request, response) => {
    response.end(JSON.stringify({ events: [...openEvents.keys()], written: Object.fromEntries(written) }));
  },
};

/** Answers by HTTP/1.1, and echoes what WebSockets say. */
export function startWeb(port: number): void {
  const server = createServer({ maxHeaderSize: MOST_HEADERS, requestTimeout: 0, keepAliveTimeout: 60_000 });
  server.on('request', answer);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/refused') return void response.writeHead(413).end();
    response.writeContinue();
    answer(request, response);
  });
  const sockets = new WebSocketServer({ server, path: '/socket', maxPayload: 2 ** 24 });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      const [, code] = isBinary ? [] : (/^close with (\d+)$/.exec(String(data)) ?? []);
      if (code !== undefined) return socket.close(Number(code), 'as you wish');
      socket.send(data, { binary: isBinary });
    });
    socket.on('error', () => socket.terminate());
  });
  server.listen(port);
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://app');
  const found = ANSWERS[url.pathname];
  if (found === undefined) return void response.writeHead(404).end();
  // One whose client has gone has nobody to be told.
  Promise.resolve(found(url, request, response)).catch(() => response.destroy());
}
