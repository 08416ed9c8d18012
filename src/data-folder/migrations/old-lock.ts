import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { alreadyRunning } from '../data-lock.ts';

/** ms; a factory that lives answers at once, one that is busy soon. */
const ANSWER_LIMIT = 3_000;

/** Format 1 was locked by a socket that its factory listened on. Rejects with `ALREADY_RUNNING` while that one runs. */
export async function leaveSocketLock(folder: string): Promise<void> {
  const path = join(folder, 'lock.sock');
  const socket = connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_LIMIT) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ECONNREFUSED' && code !== 'ENOENT') throw alreadyRunning();
    await rm(path, { force: true });
    return;
  } finally {
    socket.destroy();
  }
  throw alreadyRunning();
}
