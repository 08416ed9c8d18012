import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';
import { EventStore } from './event-store.ts';
import { HISTORY_FILE, openHistoryDatabase, openHistoryForReading } from './history-database.ts';
import { eventAt } from './testing/some-event.ts';

let data: string;
let file: string;
let logged: string[];
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'history-'));
  file = join(data, HISTORY_FILE);
  logged = [];
});
afterEach(() => rm(data, { recursive: true, force: true }));

function open(folder = data): DatabaseSync {
  const logger = createLogger('info', [{ write: (line) => logged.push(line) }]);
  return openHistoryDatabase({ data: folder, clock: systemClock, logger });
}

/** A history with this many events in it. */
function filled(count: number): void {
  const database = open();
  const store = new EventStore(database);
  for (let at = 1; at <= count; at++) store.append(eventAt(at));
  database.close();
}

function timesIn(database: DatabaseSync): number[] {
  return [...new EventStore(database).query({})].map(({ event }) => event.at);
}

test('is of this user alone, with the files beside it, and the next start goes on with it', async () => {
  const first = open();
  new EventStore(first).append(eventAt(1));
  const names = (await readdir(data)).sort();
  expect(names).toEqual([HISTORY_FILE, `${HISTORY_FILE}-shm`, `${HISTORY_FILE}-wal`]);
  for (const name of names) expect((await stat(join(data, name))).mode & 0o777).toBe(0o600);
  first.close();
  await chmod(file, 0o644);
  const second = open();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(timesIn(second)).toEqual([1]);
  second.close();
  expect(await readdir(data)).toEqual([HISTORY_FILE]);
  expect(logged).toEqual([]);
});

describe('sets a file aside that is', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['no database', () => writeFile(file, 'not a database, but long enough to be looked at. '.repeat(99))],
    ['cut off', () => truncate(file, 10_000)],
    ['overwritten in its middle', () => overwrite(8_192, 12_288)],
    ['of a newer factory', async () => newer()],
    ['somebody else’s database', async () => foreign()],
    ['a folder', () => rm(file).then(() => mkdir(file))],
  ])('%s', async (_what, spoil) => {
    filled(500);
    await spoil();
    const database = open();
    expect(timesIn(database)).toEqual([]);
    new EventStore(database).append(eventAt(7));
    expect(timesIn(database)).toEqual([7]);
    database.close();
    const aside = (await readdir(data)).filter((name) => name.startsWith(`${HISTORY_FILE}.damaged-`));
    expect(aside).toHaveLength(1);
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, file: join(data, aside[0] ?? ''), msg: expect.stringContaining('set aside') },
    ]);
    const next = open();
    expect(timesIn(next)).toEqual([7]);
    next.close();
  });

  async function overwrite(from: number, to: number): Promise<void> {
    const bytes = await readFile(file);
    expect(bytes.length).toBeGreaterThan(to);
    await writeFile(file, bytes.fill(0x5a, from, to));
  }

  function newer(): void {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 1000');
    database.close();
  }

  function foreign(): void {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 0');
    database.close();
  }
});

test('is kept in memory where the disk does not take it', async () => {
  const database = open(join(data, 'gone'));
  new EventStore(database).append(eventAt(3));
  expect(timesIn(database)).toEqual([3]);
  database.close();
  expect(JSON.parse(logged.join(''))).toMatchObject({ level: 40, msg: expect.stringContaining('in memory') });
});

test('stays where it is while another program holds it', async () => {
  filled(3);
  const other = new DatabaseSync(file);
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  const database = open();
  expect(JSON.parse(logged.join(''))).toMatchObject({ msg: expect.stringContaining('in memory') });
  database.close();
  other.close();
  const again = open();
  expect(timesIn(again)).toEqual([1, 2, 3]);
  again.close();
});

test('is read beside the factory that writes it, without one, and where there is none', async () => {
  expect(openHistoryForReading(data)).toBeUndefined();
  expect(await readdir(data)).toEqual([]);
  const writer = open();
  const store = new EventStore(writer);
  store.append(eventAt(1));
  const reader = openHistoryForReading(data);
  if (reader === undefined) throw new Error('there is one');
  expect(timesIn(reader)).toEqual([1]);
  store.append(eventAt(2));
  expect(timesIn(reader)).toEqual([1, 2]);
  expect(() => new EventStore(reader).append(eventAt(3))).toThrow(/readonly/);
  writer.close();
  reader.close();
  const later = openHistoryForReading(data);
  if (later === undefined) throw new Error('there is one');
  expect(timesIn(later)).toEqual([1, 2]);
  later.close();
});

test('a factory that is killed in the middle of writing leaves a whole history, with all that it told', async () => {
  const script = `
    const { openHistoryDatabase } = await import(${source('./history-database.ts')});
    const { checkpointBeside } = await import(${source('./checkpoint.ts')});
    const { EventStore } = await import(${source('./event-store.ts')});
    const { eventAt } = await import(${source('./testing/some-event.ts')});
    const { systemClock } = await import(${source('../time/clock.ts')});
    const { writeSync } = await import('node:fs');
    const logger = { warn: (_fields, text) => { writeSync(2, text); } };
    const store = new EventStore(openHistoryDatabase({ data: ${JSON.stringify(data)}, clock: systemClock, logger }));
    // The pipe may be full.
    const tell = (text) => {
      for (;;) {
        try {
          return writeSync(1, text);
        } catch (error) {
          if (error.code !== 'EAGAIN') throw error;
        }
      }
    };
    for (let count = 1; ; count++) {
      tell(store.append(eventAt(Date.now())) + '\\n');
      if (count % 100 === 1) void checkpointBeside(${JSON.stringify(file)});
    }`;
  let before = 0;
  for (let round = 1; round <= 20; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    // Each time somewhere else, and now and then in a checkpoint.
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (told.length > round * 500) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'close');
    expect([signal, complaints]).toEqual(['SIGKILL', '']);
    // What was told in the last line may be cut off.
    const last = Number(told.split('\n').at(-2));
    const database = open();
    const ids = [...new EventStore(database).query({})].map(({ id }) => id ?? 0);
    expect(ids.at(-1)).toBeGreaterThanOrEqual(last);
    expect(ids.at(-1)).toBeLessThanOrEqual(last + 2_000);
    expect(ids.length).toBe((ids.at(-1) ?? 0) - (ids[0] ?? 0) + 1);
    expect(ids.length).toBeGreaterThan(before);
    before = ids.length;
    database.close();
  }
  expect(logged).toEqual([]);
}, 300_000);

function source(path: string): string {
  return JSON.stringify(new URL(path, import.meta.url).href);
}
