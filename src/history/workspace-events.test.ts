import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { migrate } from '../sqlite/migrate.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';
import type { KeptEvent } from './event-query.ts';
import { EventStore } from './event-store.ts';
import { EventStream } from './event-stream.ts';
import { HISTORY_MIGRATIONS } from './history-schema.ts';
import { RareWarning } from './rare-warning.ts';
import { eventAt, keyOf } from './testing/some-event.ts';
import { WorkspaceEvents } from './workspace-events.ts';

let database: DatabaseSync;
let clock: VirtualClock;
let lines: string[];
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  migrate(database, HISTORY_MIGRATIONS, 0);
  clock = new VirtualClock();
  lines = [];
  return () => database.close();
});

function make(level = 'info') {
  const logger = createLogger(level, [{ write: (line) => lines.push(line) }]);
  const store = new EventStore(database);
  const stream = new EventStream({ store });
  const events = new WorkspaceEvents({ store, stream, logger, warning: new RareWarning({ clock, logger }) });
  return { events, store, stream };
}

const logged = () => lines.splice(0).map((line) => JSON.parse(line));
const FAILED: WorkspaceEvent = {
  ...eventAt(5),
  kind: 'step_failed',
  part: 'cluster',
  action: 'create',
  from: 'absent',
  ms: 9,
  cause: { kind: 'session', client: '192.0.2.7:5' },
  error: { id: '3fa9c1d2', code: 'CLUSTER_FAILED', message: 'No cluster.' },
  retryAt: 6,
};

test('an event is one line of the log, one of the history, and one for who follows', async () => {
  const { events, store, stream } = make();
  const following = stream.subscribe(undefined, new AbortController().signal)[Symbol.asyncIterator]();
  events.emit(eventAt(5));
  expect(logged()).toMatchObject([
    {
      level: 30,
      workspace: 'alice/k3s',
      part: 'cluster',
      action: 'suspend',
      ms: 40,
      from: 'running',
      to: 'suspended',
      cause: { kind: 'time', after: 'grace' },
      msg: 'step done',
    },
  ]);
  expect([...store.query({})]).toEqual([{ id: 1, event: eventAt(5) }]);
  expect((await following.next()).value).toEqual({ id: 1, event: eventAt(5) });
});

test('a step that failed has its line already', () => {
  make('debug').events.emit(FAILED);
  expect(logged()).toEqual([]);
});

test('every kind of event has words in the log', () => {
  const { events } = make();
  const about = { at: 5, key: keyOf('bob', 'plain') };
  const client = { session: 's1', client: '192.0.2.7:5', program: 'SSH-2.0-x' };
  events.emit({ ...about, kind: 'session_began', ...client });
  events.emit({ ...about, kind: 'session_ended', ...client, ms: 4, reason: 'lost', last: true });
  events.emit({ ...about, kind: 'found', part: 'container', from: undefined, to: 'running' });
  events.emit({ ...about, kind: 'commanded', command: { kind: 'pin', until: 9 }, by: 'root' });
  events.emit({ ...about, kind: 'memory_pressure', availableBytes: 7 });
  events.emit({ ...about, kind: 'deletion_ahead', deleteAt: 0 });
  expect(logged()).toMatchObject([
    { workspace: 'bob/plain', ...client, msg: 'session began' },
    { ...client, ms: 4, reason: 'lost', last: true, msg: 'session ended' },
    { part: 'container', to: 'running', msg: 'found' },
    { command: { kind: 'pin', until: 9 }, by: 'root', msg: 'commanded' },
    { availableBytes: 7, msg: 'memory pressure' },
    { deleteAt: '1970-01-01T00:00:00.000Z', msg: 'deletion ahead' },
  ]);
});

test('on a full disk log and followers still hear of everything, with one warning in a minute', async () => {
  const { events, store, stream } = make();
  const following = stream.subscribe(undefined, new AbortController().signal)[Symbol.asyncIterator]();
  const heard: KeptEvent[] = [];
  const hear = async () => heard.push((await following.next()).value);
  events.emit(eventAt(1));
  await hear();
  const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
  database.exec(`PRAGMA max_page_count = ${pages}`);
  // Until the pages that there are, are full.
  let at = 2;
  do {
    lines = [];
    events.emit(eventAt(at));
    at += 1;
    await hear();
  } while (lines.length === 1);
  expect(logged()).toMatchObject([
    { level: 30, msg: 'step done' },
    { level: 40, msg: expect.stringContaining('can not be kept'), err: { message: /full/ } },
  ]);
  expect(heard.at(-1)).toEqual({ id: undefined, event: eventAt(at - 1) });
  events.emit(eventAt(at));
  expect(logged().map(({ level }) => level)).toEqual([30]);
  await clock.advance(60_000);
  events.emit(eventAt(at + 1));
  expect(logged().map(({ level }) => level)).toEqual([30, 40]);
  await hear();
  await hear();
  expect(heard.map(({ event }) => event.at)).toEqual(Array.from({ length: at + 1 }, (_, index) => index + 1));

  database.exec('PRAGMA max_page_count = 100000');
  events.emit(eventAt(at + 2));
  await hear();
  expect(heard.at(-1)?.id).toBe(store.lastId());
});

test('an event that can not be written down ends nothing', () => {
  const { events } = make();
  events.emit({ ...eventAt(1), kind: 'deletion_ahead', deleteAt: Number.POSITIVE_INFINITY });
  expect(logged().map(({ level, msg }) => [level, msg])).toEqual([
    [30, 'deletion ahead'],
    [40, expect.stringContaining('can not be kept')],
  ]);
});
