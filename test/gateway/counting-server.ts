import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

interface Received {
  readonly size: number;
  readonly sha256: string;
}

/** Answers with what it says of what it got, after its client has ended its side. */
export async function countingServer(
  at: { path: string } | { port: number; host: string },
  say = ({ size }: Received): string => `${size} bytes`,
) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash('sha256');
    let size = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      hash.update(chunk);
    });
    socket.on('end', () => socket.end(say({ size, sha256: hash.digest('hex') })));
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
