import { randomInt } from 'node:crypto';
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

/** Below those that a kernel gives to whoever asks for any port, or connects from one (32768 and above by default). */
const [LOWEST, HIGHEST] = [20_000, 29_999];

const given = new Set<number>();

/**
 * A port of the loopback for a program that has to be told one. Nobody gets it by chance before that program listens: not a server or a
 * client that takes any port, of which there are thousands beside a test.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    await using _taken = await takePort(port);
    return true;
  } catch {
    return false;
  }
}
