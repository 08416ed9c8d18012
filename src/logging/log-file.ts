import { appendFile, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import openRollingFile from 'pino-roll';
import { listLogFiles, logFolder } from './log-files.ts';

/** Together the most that the log takes of the disk: 50 MiB. */
const ROTATION = { size: '10m', limit: { count: 5, removeOtherLogFiles: true } } as const;
/** Characters that wait for room on a full disk. */
const MOST_WAITING = 1024 * 1024;

/**
 * The log in `<data>/logs`, a few files of bounded size. Each line is with the operating system when `write` returns, so a
 * killed process loses none. A full disk ends nothing: `onTrouble` is called when writing begins to fail, and what was logged
 * meanwhile is written later as far as 1 MiB holds it. Undefined where it cannot be opened; `onTrouble` has been called then.
 */
export async function openLogFile(
  data: string,
  onTrouble: (error: unknown) => void,
): Promise<DestinationStream | undefined> {
  const folder = logFolder(data);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await endTornLine((await listLogFiles(data)).at(-1));
    const options = { ...ROTATION, sync: true, mode: 0o600, maxLength: MOST_WAITING };
    const file = await openRollingFile({ ...options, file: join(folder, 'factory.jsonl') });
    let failing = false;
    file.on('error', (error) => {
      if (!failing) onTrouble(error);
      failing = true;
    });
    file.on('write', () => {
      failing = false;
    });
    return file;
  } catch (error) {
    onTrouble(error);
    return undefined;
  }
}

/** What a power cut left of a line must not spoil the next one. */
async function endTornLine(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size === 0) return;
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  if (buffer.toString() !== '\n') await appendFile(path, '\n');
}
