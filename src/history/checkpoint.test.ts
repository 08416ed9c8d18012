import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';
import { checkpointBeside } from './checkpoint.ts';
import { EventStore } from './event-store.ts';
import { HISTORY_FILE, openHistoryDatabase, openHistoryForReading } from './history-database.ts';
import { eventAt } from './testing/some-event.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(data, { recursive: true }));

/** What the file holds by itself, without those that SQLite puts beside it. */
async function eventsInTheFile(): Promise<number> {
  // A new place each time: what SQLite puts beside a copy says nothing of the next one.
  const alone = await mkdtemp(join(data, 'alone-'));
  await copyFile(join(data, HISTORY_FILE), join(alone, HISTORY_FILE));
  const database = openHistoryForReading(alone);
  const count = Number(database?.prepare('SELECT count(*) AS count FROM events').get()?.count);
  database?.close();
  return count;
}

test('what was written is in the file itself then, while more is written', async () => {
  const database = openHistoryDatabase({ data, clock: systemClock, logger: createLogger('silent', []) });
  const store = new EventStore(database);
  await checkpointBeside(join(data, HISTORY_FILE));
  for (let at = 0; at < 1_000; at++) store.append(eventAt(at));
  expect(await eventsInTheFile()).toBe(0);
  const done = checkpointBeside(join(data, HISTORY_FILE));
  let more = 0;
  for (let isDone = false; !isDone; more++) {
    store.append(eventAt(more));
    isDone = await Promise.race([
      done.then(() => true),
      new Promise<false>((resolve) => setImmediate(resolve, false)),
    ]);
  }
  expect([...store.query({})]).toHaveLength(1_000 + more);
  // A page that was written to meanwhile is left to the next one, so only now the file is whole without what is beside it.
  await checkpointBeside(join(data, HISTORY_FILE));
  expect(await eventsInTheFile()).toBe(1_000 + more);
  database.close();
});

test('a file that is none is an error, and ends nothing', async () => {
  await writeFile(join(data, HISTORY_FILE), 'no database. '.repeat(500));
  await expect(checkpointBeside(join(data, HISTORY_FILE))).rejects.toThrow(/not a database/);
});
