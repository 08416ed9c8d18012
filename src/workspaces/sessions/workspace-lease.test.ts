import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { DEFAULT_LIFECYCLE } from '../../config/lifecycle-values.ts';
import type { Lifecycle } from '../../labs/lab-definition.ts';
import { labNamed } from '../../labs/testing/lab-named.ts';
import { parseUsername } from '../../names/username.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { WorkspaceEvent } from '../ports/events.ts';
import { NO_HOOKS } from '../ports/no-hooks.ts';
import { memoryRecords } from '../testing/memory-records.ts';
import { World } from '../testing/world.ts';
import type { Lease, SessionNotice } from '../workspace-access.ts';
import { Workspaces } from '../workspaces.ts';

const MINUTE = 60_000;
const user = parseUsername('alice');
if (user === undefined) throw new Error('a name');

let clock: VirtualClock;
let events: WorkspaceEvent[];
beforeEach(() => {
  clock = new VirtualClock();
  events = [];
});

/** The workspaces of a factory whose only lab has these times. */
function workspacesWith(times: Partial<Lifecycle>) {
  const lab = { ...labNamed('k3s'), lifecycle: { ...DEFAULT_LIFECYCLE, ...times } };
  const key = { user: user ?? fail(), lab: lab.name };
  const world = new World(clock, () => {});
  const workspaces = new Workspaces({
    ports: {
      runtime: world.runtime(key),
      clusters: world.clusters(key),
      routes: world.routes(),
      hooks: NO_HOOKS,
    },
    events: { emit: (event) => void events.push(event) },
    records: memoryRecords(),
    labs: { sessionEnv: () => ({}), resolve: () => lab },
    defaultLifecycle: lab.lifecycle,
    urls: () => ({ http: '', https: '' }),
    clock,
    random: () => 0.5,
    logger: pino({ level: 'silent' }),
  });
  return {
    login: () =>
      workspaces.lease(key, { session: 's1', clientAddress: '192.0.2.1:1', clientProgram: 'test' }),
  };
}

function fail(): never {
  throw new Error('a name');
}

function notices(lease: Lease): SessionNotice[] {
  const heard: SessionNotice[] = [];
  lease.onNotice((notice) => heard.push(notice));
  return heard;
}

test('a session without input is warned and ended, unless something is typed', async () => {
  const lease = workspacesWith({ idleDisconnect: 10 * MINUTE }).login();
  const heard = notices(lease);
  const began = clock.now();
  await clock.advance(9 * MINUTE);
  expect(heard).toEqual([{ kind: 'ends_soon', because: 'idle', at: began + 10 * MINUTE }]);
  lease.noteInput();
  await clock.advance(7 * MINUTE);
  expect(heard).toHaveLength(1);
  await clock.advance(60 * MINUTE);
  expect(heard.map(({ kind }) => kind)).toEqual(['ends_soon', 'ends_soon', 'over']);
});

test('a released lease hears nothing more', async () => {
  const lease = workspacesWith({ maxSession: 10 * MINUTE }).login();
  const heard = notices(lease);
  lease.release('lost');
  lease.release('closed');
  await clock.advance(60 * MINUTE);
  expect(heard).toEqual([]);
  const ends = events.filter(({ kind }) => kind === 'session_ended');
  expect(ends).toEqual([expect.objectContaining({ reason: 'lost', last: true })]);
});

test('an extension is for all sessions of the workspace, and within what the lab allows in all', async () => {
  const workspaces = workspacesWith({ maxSession: 60 * MINUTE, maxExtension: 30 * MINUTE });
  const first = workspaces.login();
  const heard = notices(first);
  const began = clock.now();
  await clock.advance(50 * MINUTE);
  const second = workspaces.login();
  expect(second.limit).toEqual({ endsAt: began + 60 * MINUTE, left: 30 * MINUTE });
  expect(second.extend(20 * MINUTE)).toBe(began + 80 * MINUTE);
  expect(first.endsAt).toBe(began + 80 * MINUTE);
  expect(second.endsAt).toBe(clock.now() + 80 * MINUTE);
  expect(() => second.extend(11 * MINUTE)).toThrow(/by 10 min at most.*connect again/);
  expect(first.endsAt).toBe(began + 80 * MINUTE);
  expect(second.extend(10 * MINUTE)).toBe(began + 90 * MINUTE);
  expect(() => second.extend(1)).toThrow(/by all that this lab allows/);
  await clock.advance(39 * MINUTE);
  expect(heard.map(({ kind }) => kind)).toEqual(['ends_soon', 'ends_soon', 'ends_soon']);
  await clock.advance(1 * MINUTE);
  expect(heard.at(-1)).toEqual({ kind: 'over', because: 'max_session' });
  first.release('max_session');
  // A new session begins with a time of its own.
  second.release('closed');
  expect(workspaces.login().limit).toEqual({ endsAt: clock.now() + 60 * MINUTE, left: 30 * MINUTE });
});

test.each([
  ['an end', {}, /sets no end/],
  ['an extension', { maxSession: 60 * MINUTE }, /cannot be made longer/],
])('a lab without %s refuses, in plain words', (_what, times, words) => {
  const lease = workspacesWith(times).login();
  expect(() => lease.extend(MINUTE)).toThrow(expect.objectContaining({ code: 'EXTENSION_REFUSED' }));
  expect(() => lease.extend(MINUTE)).toThrow(words);
});
