import { once } from 'node:events';
import type { WebSocket } from 'ws';

/** Sends a message and resolves with the next that comes back. */
export async function echoed(socket: WebSocket, message: string | Buffer): Promise<Buffer> {
  const answer = once(socket, 'message');
  socket.send(message);
  const [data] = await answer;
  return Buffer.from(data);
}
