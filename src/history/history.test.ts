import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { KEPT_FOR } from './event-store.ts';
import { forgetRecord } from './forget-record.ts';
import { type History, openHistory } from './history.ts';
import { HISTORY_FILE } from './history-database.ts';
import { readHistory } from './read-history.ts';
import { eventAt, keyOf } from './testing/some-event.ts';

const ALICE = keyOf('alice', 'k3s');
const BOB = keyOf('bob', 'k3s');
const HOUR = 3_600_000;

let data: string;
let clock: VirtualClock;
let warnings: string[];
beforeEach(async () => {
  warnings = [];
  data = await mkdtemp(join(tmpdir(), 'history-'));
  clock = new VirtualClock();
});
afterEach(() => rm(data, { recursive: true }));

function open(): History {
  return openHistory({
    data,
    clock,
    logger: createLogger('warn', [{ write: (line) => warnings.push(line) }]),
  });
}

async function timesOf(events: AsyncIterable<{ at: string }> | Iterable<{ at: string }>): Promise<number[]> {
  const times: number[] = [];
  for await (const { at } of events) times.push(Date.parse(at));
  return times;
}

const never = new AbortController().signal;

describe('the history of a factory', () => {
  test('has an end for each session of one that was killed, once', async () => {
    const killed = open();
    const session = { client: '192.0.2.7:50122', program: 'OpenSSH' };
    const began = { ...session, kind: 'session_began', key: ALICE } as const;
    killed.events.emit({ ...began, at: clock.now(), session: 'over' });
    const end = { ...session, kind: 'session_ended', ms: 1, reason: 'closed', last: true } as const;
    killed.events.emit({ ...end, at: clock.now(), session: 'over', key: ALICE });
    killed.events.emit({ ...began, at: clock.now(), session: 'one' });
    killed.events.emit({ ...began, at: clock.now(), session: 'two' });
    killed.events.emit({ ...began, at: clock.now(), session: 'three', key: BOB });
    await killed.close();

    await clock.advance(HOUR);
    await open().close();
    const third = open();
    const found = [];
    for await (const event of third.read({ follow: false, kind: 'session_ended' }, never)) found.push(event);
    expect(found.slice(1)).toMatchObject([
      { session: 'one', user: 'alice', ms: HOUR, reason: 'factory_killed', last: false },
      { session: 'two', user: 'alice', ms: HOUR, reason: 'factory_killed', last: true },
      { session: 'three', user: 'bob', ms: HOUR, reason: 'factory_killed', last: true },
    ]);
    await third.close();
  });

  test('outlasts it, for the next one and for who reads without one', async () => {
    const first = open();
    first.events.emit(eventAt(1, ALICE));
    first.records.write(ALICE, {
      emptySince: 5,
      pin: undefined,
      deletedAt: undefined,
      deletionAnnounced: undefined,
    });
    expect(await timesOf(readHistory(data, {}))).toEqual([1]);
    await first.close();
    expect(await readdir(data)).toEqual([HISTORY_FILE]);
    expect(await timesOf(readHistory(data, {}))).toEqual([1]);
    const second = open();
    second.events.emit(eventAt(2, BOB));
    expect(await timesOf(second.read({ follow: false }, never))).toEqual([1, 2]);
    expect(second.records.read(ALICE)?.emptySince).toBe(5);
    await second.close();
  });

  test('forgets what it remembers of a workspace that is removed while no factory runs, and no event', async () => {
    forgetRecord(data, ALICE);
    const first = open();
    first.events.emit(eventAt(1, ALICE));
    for (const key of [ALICE, BOB])
      first.records.write(key, { emptySince: 5, pin: undefined, deletedAt: 4, deletionAnnounced: undefined });
    await first.close();
    forgetRecord(data, ALICE);
    const second = open();
    expect(second.records.read(ALICE)).toBeUndefined();
    expect(second.records.read(BOB)?.deletedAt).toBe(4);
    await second.close();
    expect(await timesOf(readHistory(data, {}))).toEqual([1]);
  });

  test('is followed: what there is, of the kind that is asked for, and what comes, until the factory ends', async () => {
    const history = open();
    for (let at = 1; at <= 5; at++) history.events.emit(eventAt(at, at % 2 === 0 ? BOB : ALICE));
    const all = timesOf(history.read({ follow: true }, never));
    const alices = timesOf(history.read({ ...ALICE, newest: 2, follow: true }, never));
    const fresh = timesOf(history.read({ newest: 0, follow: true }, never));
    await new Promise((resolve) => setImmediate(resolve));
    history.events.emit(eventAt(6, BOB));
    history.events.emit(eventAt(7, ALICE));
    await new Promise((resolve) => setImmediate(resolve));
    await history.close();
    expect(await all).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await alices).toEqual([3, 5, 7]);
    expect(await fresh).toEqual([6, 7]);
  });

  test('loses what is too old at the start and every hour, until it is closed', async () => {
    const kept = () => timesOf(readHistory(data, {}));
    const first = open();
    first.events.emit(eventAt(clock.now() - KEPT_FOR - 1));
    first.events.emit(eventAt(clock.now() - KEPT_FOR + 2 * HOUR));
    await first.close();
    const last = clock.now() - KEPT_FOR + 2 * HOUR;
    const second = open();
    expect(await kept()).toEqual([last]);
    await clock.advance(2 * HOUR);
    expect(await kept()).toEqual([last]);
    await clock.advance(HOUR);
    expect(await kept()).toEqual([]);
    await second.close();
    await clock.advance(10 * HOUR);
    expect(warnings).toEqual([]);
  });

  test('that is damaged is said to be so by who only reads it', async () => {
    await writeFile(join(data, HISTORY_FILE), 'no database. '.repeat(500));
    expect(() => [...readHistory(data, {})]).toThrow(expect.objectContaining({ code: 'HISTORY_UNREADABLE' }));
  });
});
