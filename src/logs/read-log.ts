import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { listLogFiles } from '../logging/log-files.ts';
import { type LogLine, parseLogLine } from './log-line.ts';

/** How often a followed log is looked at; ms. Not by inotify: its instances are what clusters need. */
const LOOK_EVERY = 250;
const CHUNK = 64 * 1024;

/** How far the log has been read; moves with the lines. */
export interface LogPosition {
  /** The file that was read last; undefined at the beginning. */
  path: string | undefined;
  /** Bytes of it. */
  at: number;
}

export function startOfLog(): LogPosition {
  return { path: undefined, at: 0 };
}

/**
 * The whole lines of the log in the data folder from `position` on, oldest first, over all its files. A file that is rotated
 * away while it is read is passed over.
 */
export async function* readLog(data: string, position = startOfLog()): AsyncGenerator<LogLine> {
  const files = await listLogFiles(data);
  // All of them, where the position's own file has been rotated away.
  const first = Math.max(0, files.indexOf(position.path ?? ''));
  for (const path of files.slice(first)) {
    if (path !== position.path) Object.assign(position, { path, at: 0 });
    yield* linesOf(path, position);
  }
}

/** What the last line holds that has no end: it is being written, or was cut off. */
export async function readTornLine({ path, at }: LogPosition): Promise<LogLine | undefined> {
  if (path === undefined) return undefined;
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(CHUNK), position: at });
  return bytesRead === 0 ? undefined : parseLogLine(buffer.toString('utf8', 0, bytesRead));
}

/** The lines from `position` on, as they are written, until `signal` aborts. The log may not be there yet. */
export async function* followLog(
  data: string,
  position: LogPosition,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  while (!signal.aborted) {
    yield* readLog(data, position);
    await delay(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
}

async function* linesOf(path: string, position: LogPosition): AsyncGenerator<LogLine> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return;
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.alloc(CHUNK);
      const { bytesRead } = await file.read({ buffer: chunk, position: position.at + rest.length });
      if (bytesRead === 0) return;
      rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const raw = rest.toString('utf8', 0, end);
        rest = rest.subarray(end + 1);
        position.at += end + 1;
        if (raw !== '') yield parseLogLine(raw);
      }
    }
  } finally {
    await file.close();
  }
}
