import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { WebSocketServer } from 'ws';

/** Stands for a cluster's ingress on port 80 of a loopback address: HTTP/1.1 with WebSockets that echo, and HTTP/2 in the clear. */
export async function startTwoVersionBackend(name: string, address: string): Promise<AsyncDisposable> {
  const answer = (
    { httpVersion }: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => void response.end(`${name} by HTTP/${httpVersion}`);
  const http1 = createServer(answer);
  const http2 = createHttp2Server(answer);
  const webSockets = new WebSocketServer({ server: http1 });
  webSockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));

  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.once('data', (begin) => {
      socket.pause();
      socket.unshift(begin);
      // The connection preface of HTTP/2 (RFC 9113 §3.4).
      if (begin.toString().startsWith('PRI ')) return void http2.emit('connection', socket);
      http1.emit('connection', socket);
      socket.resume();
    });
  });
  server.listen(80, address);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
