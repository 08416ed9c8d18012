import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';

const SOCKET = 'lock.sock';

/** The longest path of a Unix socket that every system takes (sockaddr_un of macOS has 104 bytes, with the final NUL). */
const LONGEST_SOCKET_PATH = 103;

/** ms; a factory that lives answers at once, one that is busy soon. */
const ANSWER_LIMIT = 3_000;

/**
 * Makes the data folder this factory's own until the handle is disposed. The lock is a Unix socket that is listened on:
 * unlike a file with a process id it ends with its process, however that ends. Rejects with `ALREADY_RUNNING`.
 */
export async function lockDataFolder(folder: string): Promise<AsyncDisposable> {
  await makeFolder(folder);
  const path = socketPath(folder);
  const server = (await listen(path)) ?? (await takeOver(path));
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** As `mkdir -p`, a folder at a time: Node's recursive form (24.21) never returns below a parent such as /proc. */
async function makeFolder(folder: string, mayMakeParent = true): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || !mayMakeParent) {
      throw new FactoryError(
        'CONFIG_INVALID',
        'The data folder can not be made; mend its rights or set "data".',
        { cause },
      );
    }
    await makeFolder(dirname(folder));
    await makeFolder(folder, false);
  }
}

/** In the folder, or, where that lies too deep for a socket, in the temporary folder under a name made from its path. */
function socketPath(folder: string): string {
  const path = join(folder, SOCKET);
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  return join(tmpdir(), `ssh-lab-factory-${digest}.sock`);
}

/** Undefined where the path is taken. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(path);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw new FactoryError(
      'CONFIG_INVALID',
      'The data folder can not be written; mend its rights or set "data".',
      {
        cause: error,
      },
    );
  }
}

/** The socket of a factory that was killed stays in the folder, and nobody answers there. */
async function takeOver(path: string): Promise<Server> {
  if (!(await answers(path))) await rm(path, { force: true });
  const server = await listen(path);
  if (server !== undefined) return server;
  throw new FactoryError(
    'ALREADY_RUNNING',
    'Another factory uses this data folder; stop that one first, or give this one a "data" folder of its own.',
  );
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_LIMIT) });
    return true;
  } catch (error) {
    // Only a refused or vanished socket is known to be nobody's.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code !== 'ECONNREFUSED' && code !== 'ENOENT';
  } finally {
    socket.destroy();
  }
}
