import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Answers with the size and the hash of what it got, after its client has ended its side. */
export async function countingServer(at: { path: string } | { port: number; host: string }) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash('sha256');
    let size = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      hash.update(chunk);
    });
    socket.on('end', () => socket.end(`${size} ${hash.digest('hex')}\n`));
  });
  server.listen(at);
  await once(server, 'listening');
  return {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    [Symbol.dispose]: () => void server.close(),
  };
}
