import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { recordedEventSchema } from '../../history/event-schema.ts';
import { openHistory } from '../../history/history.ts';
import { HISTORY_FILE } from '../../history/history-database.ts';
import { eventAt, keyOf } from '../../history/testing/some-event.ts';
import { createLogger } from '../../logging/logger.ts';
import { parseLogin } from '../../names/login.ts';
import { systemClock } from '../../time/clock.ts';
import type { Surroundings } from '../surroundings.ts';
import { type EventsOptions, events } from './events.ts';

const ALICE = keyOf('alice', 'k3s');
const HOUR = 3_600_000;
const logger = createLogger('silent', []);

let folder: string;
let data: string;
let said: string[];
let complained: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-'));
  data = join(folder, 'data');
  said = [];
  complained = [];
  await mkdir(join(folder, 'lab'));
  await mkdir(data);
  await writeFile(join(folder, 'lab/lab.yaml'), 'container: { image: lab }\n');
  await writeFile(join(folder, 'factory.yaml'), 'data: ./data\nlabs: [./lab]\n');
});
afterEach(() => rm(folder, { recursive: true }));

/** As far as this command knows of one. */
async function startFactory() {
  const history = openHistory({ data, clock: systemClock, logger });
  const target = { ...IDLE_TARGET, events: history.read };
  const server = await startControlServer({ path: controlSocket(data), target, logger });
  return {
    emit: history.events.emit.bind(history.events),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await history.close();
    },
  };
}

function run(
  workspace: string | undefined,
  options: Partial<EventsOptions> = {},
  stop = new AbortController(),
) {
  const surroundings: Surroundings = {
    env: {},
    workingFolder: folder,
    home: folder,
    login: 'alice',
    say: (text) => said.push(text),
    complain: (text) => complained.push(text),
  };
  const login = workspace === undefined ? undefined : parseLogin(workspace);
  return events(login, { config: 'factory.yaml', json: true, ...options }, surroundings, stop.signal);
}

/** The times of what was said since the last look. */
function told(): number[] {
  return said.splice(0).map((line) => Date.parse(recordedEventSchema.parse(JSON.parse(line)).at));
}

describe.each(['with a factory that runs', 'without one'])('%s', (how) => {
  test('one workspace, one user, all, the last ones, those of some time', async () => {
    const now = Date.now();
    const stack = new AsyncDisposableStack();
    const factory = stack.use(await startFactory());
    factory.emit(eventAt(now - 3 * HOUR, ALICE));
    factory.emit(eventAt(now - HOUR, keyOf('alice', 'plain')));
    factory.emit(eventAt(now, keyOf('bob', 'k3s')));
    if (how === 'without one') await stack.disposeAsync();
    await run('alice/k3s');
    expect(told()).toEqual([now - 3 * HOUR]);
    await run('alice');
    expect(told()).toEqual([now - 3 * HOUR, now - HOUR]);
    await run(undefined, { limit: 2 });
    expect(told()).toEqual([now - HOUR, now]);
    await run(undefined, { since: 2 * HOUR });
    expect(told()).toEqual([now - HOUR, now]);
    await run('alice/k3s', { json: false });
    expect(said.splice(0)).toEqual([
      expect.stringMatching(/alice\/k3s +cluster +running → suspended +0\.04 s/),
    ]);
    expect(complained).toEqual([]);
    await run('carol');
    expect([said, complained.join()]).toEqual([[], expect.stringContaining('Nothing of that')]);
    await stack.disposeAsync();
  });
});

test('100 where nothing says how many, and with --since all of them', async () => {
  {
    await using factory = await startFactory();
    for (let minute = 150; minute > 0; minute--) factory.emit(eventAt(Date.now() - minute * 1_000, ALICE));
  }
  await run(undefined);
  expect(told()).toHaveLength(100);
  await run(undefined, { since: HOUR });
  expect(told()).toHaveLength(150);
});

test('follows over the end of a factory and the start of the next, without gaps or doubles', async () => {
  const stop = new AbortController();
  let following: Promise<void> | undefined;
  const seen: number[] = [];
  const sees = (...times: number[]) =>
    expect
      .poll(() => {
        seen.push(...told());
        return seen;
      })
      .toEqual(times);
  {
    await using factory = await startFactory();
    for (const at of [1, 2, 3]) factory.emit(eventAt(at, ALICE));
    following = run('alice', { follow: true, limit: 2 }, stop);
    await sees(2, 3);
    factory.emit(eventAt(90, keyOf('bob', 'k3s')));
    factory.emit(eventAt(4, ALICE));
    await sees(2, 3, 4);
  }
  await expect.poll(() => complained).toEqual(['The factory does not run; waiting for it.']);
  await using factory = await startFactory();
  for (const at of [5, 6, 7]) factory.emit(eventAt(at, ALICE));
  await sees(2, 3, 4, 5, 6, 7);
  factory.emit(eventAt(8, ALICE));
  await sees(2, 3, 4, 5, 6, 7, 8);
  stop.abort();
  await following;
  expect(told()).toEqual([]);
}, 60_000);

test('a history that no factory ever wrote is empty, a damaged one an error', async () => {
  await run(undefined);
  expect(complained.join()).toContain('Nothing of that');
  await writeFile(join(data, HISTORY_FILE), 'no database. '.repeat(500));
  await expect(run(undefined)).rejects.toMatchObject({ code: 'HISTORY_UNREADABLE' });
});
