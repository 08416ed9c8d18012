import { createServer } from 'node:net';

/** A port of the loopback that somebody listens on until it is disposed; 0 is a free one. */
export async function takePort(wanted = 0): Promise<AsyncDisposable & { port: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  await using taken = await takePort();
  return taken.port;
}
