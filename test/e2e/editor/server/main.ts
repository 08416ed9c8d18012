import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { argv, pid, stdout } from 'node:process';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Session } from './session.ts';
import type { ServerState } from './wire.ts';

/*
 * Plays the server that an editor puts into a home. It listens on a port of the loopback interface and on a socket, lets in who has
 * the token, and never ends by itself: `node main.ts <token> <socket>`.
 */
const [, , token = '', socketPath = ''] = argv;
const sessions = new Map<string, Session>();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
  const { searchParams } = new URL(request.url ?? '/', 'http://server');
  if (searchParams.get('token') !== token) {
    refuse(stream, '403 Forbidden');
    return;
  }
  const name = searchParams.get('reconnectionToken') ?? '';
  const known = sessions.get(name);
  // Who comes back must be known, and who is new must not.
  if ((known === undefined) === (searchParams.get('reconnection') === 'true')) {
    refuse(stream, '404 Not Found');
    return;
  }
  const session = known ?? new Session();
  sessions.set(name, session);
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on('error', () => socket.terminate());
    session.link.attach(socket);
  });
}

function answer(_request: IncomingMessage, response: ServerResponse): void {
  const connections = [...sessions.values()].filter(({ link }) => link.connected).length;
  const state: ServerState = { pid, connections, sessions: sessions.size };
  response.end(JSON.stringify(state));
}

for (const [at, said] of [
  [{ host: '127.0.0.1', port: 0 }, 'port'],
  [{ path: socketPath }, 'socket'],
] as const) {
  const server = createServer(answer);
  server.on('upgrade', upgrade);
  server.listen(at, () => {
    const address = server.address();
    const where = typeof address === 'object' ? address?.port : address;
    stdout.write(`listening on ${said} ${where}\n`);
  });
}
