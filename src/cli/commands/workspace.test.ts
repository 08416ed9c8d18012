import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import type { ControlTarget } from '../../control/control-target.ts';
import type { FactoryStatus, PartStatus, WorkspaceStatus } from '../../control/status-schema.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { runProgram } from '../testing/run-program.ts';

const NOW = new Date().toISOString();
const HOUR = 3_600_000;

let stack: AsyncDisposableStack;
let folder: string;
let given: [workspace: string, command: unknown, by: string][];
let workspaces: WorkspaceStatus[];
/** What the factory makes of an order. */
let answer: ControlTarget['command'];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'workspace-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'data'));
  await mkdir(join(folder, 'labs/k3s'), { recursive: true });
  await writeFile(join(folder, 'labs/k3s/lab.yaml'), 'container: { image: hello }\n');
  await writeFile(
    join(folder, 'factory.yaml'),
    'domain: lab.test\ndata: ./data\nlabs: [./labs]\ngroups: [{ name: all, members: ["*"] }]\n',
  );
  given = [];
  workspaces = [workspace('alice', 'running'), workspace('bob', 'suspended'), workspace('carol', 'stopped')];
  answer = async () => {};
  const target: ControlTarget = {
    ...IDLE_TARGET,
    status: async () => statusOf(workspaces),
    command: (key, command, by, signal) => {
      given.push([`${key.user}/${key.lab}`, command, by]);
      return answer(key, command, by, signal);
    },
  };
  const path = controlSocket(join(folder, 'data'));
  const server = await startControlServer({ path, target, logger: pino({ level: 'silent' }) });
  stack.defer(() => server.close());
});
afterEach(() => stack.disposeAsync());

function workspace(user: string, state: 'running' | 'suspended' | 'stopped'): WorkspaceStatus {
  const container: PartStatus = { state, since: NOW, longer: false, doing: null, error: null };
  const names = { user, lab: 'k3s', lab_defined: true };
  const rest = {
    next: null,
    pin: null,
    order: null,
    cluster_order: null,
    delete_at: null,
    sessions: [],
    route: null,
  };
  return {
    ...names,
    state,
    since: NOW,
    longer: false,
    ...rest,
    container,
    cluster: container,
    memory_bytes: 0,
  };
}

function statusOf(all: WorkspaceStatus[]): FactoryStatus {
  const names = { version: '1', instance: 'abcd1234', pid: 1, since: NOW, ssh: '', web: '' };
  const configuration = { file: null, read_at: NOW, problem: null, needs_restart: [] };
  return {
    ...names,
    configuration,
    hooks: { waiting: 0, given_up: 0 },
    closed_out: [],
    drain: null,
    sessions: 0,
    workspaces: all,
  };
}

const factory = (...args: string[]) => runProgram(folder, ['workspace', ...args, '--config', 'factory.yaml']);

describe('factory workspace', () => {
  test.each([
    [['suspend', 'bob/k3s'], { kind: 'suspend', endSessions: false }, /^bob\/k3s is suspended/],
    [['stop', 'carol+k3s', '--end-sessions'], { kind: 'stop', endSessions: true }, /^carol\/k3s is stopped/],
    [['start', 'alice/k3s'], { kind: 'start' }, /^alice\/k3s is running/],
    [['reset', 'alice/k3s', '--yes'], { kind: 'reset', part: 'cluster' }, /new cluster; .* kept aside/],
    [['reset', 'alice/k3s', '--container', '--yes'], { kind: 'reset', part: 'container' }, /new container/],
    [['delete', 'dora/k3s', '--yes'], { kind: 'delete', home: false, endSessions: false }, /home stays/],
    [
      ['delete', 'dora/k3s', '--home', '--end-sessions', '--yes'],
      { kind: 'delete', home: true, endSessions: true },
      /and home of dora\/k3s are gone/,
    ],
    [['unpin', 'bob/k3s'], { kind: 'unpin' }, /not kept awake any more; it is suspended/],
  ])('%j', async (args, command, line) => {
    const { said, error } = await factory(...args);
    expect(error).toBeUndefined();
    expect(given).toEqual([[args[1]?.replace('+', '/'), command, 'ida']]);
    expect(said).toMatch(line);
  });

  test('pins for a time and until one', async () => {
    await factory('pin', 'alice/k3s', '--for', '2h');
    const end = new Date(Date.now() + 3 * HOUR).toISOString();
    await factory('pin', 'alice/k3s', '--until', end.replace('.', 'Z').slice(0, 20));
    const ends = given.map(([, command]) => Number(Reflect.get(Object(command), 'until')) - Date.now());
    expect(ends[0]).toBeGreaterThan(2 * HOUR - 60_000);
    expect(ends[0]).toBeLessThanOrEqual(2 * HOUR);
    expect(Math.round((ends[1] ?? 0) / HOUR)).toBe(3);
  });

  test.each([
    [['suspend']],
    [['suspend', 'alice/k3s', '--all']],
    [['start']],
    [['start', 'alice']],
    [['pin', 'alice/k3s']],
    [['pin', 'alice/k3s', '--for', '2h', '--until', '2036-01-01T00:00']],
    [['pin', 'alice/k3s', '--for', 'long']],
    [['reset', 'alice/k3s', '--cluster', '--container', '--yes']],
    [['reset', 'alice/k3s', '--json']],
    [['delete', 'alice/k3s', 'bob/k3s', '--yes']],
    [['suspend', 'alice/k3s', '--timeout', '2h']],
    [['explode', 'alice/k3s']],
  ])('%j is a mistake, and nothing is ordered', async (args) => {
    expect((await factory(...args)).error).toMatchObject({ name: 'CommanderError' });
    expect(given).toEqual([]);
  });

  test('--all is all that are more awake than that, and says each', async () => {
    const { said } = await factory('stop', '--all');
    expect(given.map(([name]) => name).sort()).toEqual(['alice/k3s', 'bob/k3s']);
    expect(said.split('\n')).toHaveLength(2);
    given = [];
    workspaces = [workspace('carol', 'stopped')];
    expect((await factory('suspend', '--all')).said).toMatch(/No workspace/);
    expect(given).toEqual([]);
  });

  test('a refusal says who is there', async () => {
    const client = { address: '192.0.2.7:50122', program: 'SSH-2.0-x', client: 'OpenSSH' };
    const times = { since: NOW, last_input: NOW, idle_since: null, ends_at: null };
    const session = { ...client, ...times, channels: 1, forwards: 0 };
    workspaces = [{ ...workspace('alice', 'running'), sessions: [session] }];
    answer = () => Promise.reject(new FactoryError('WORKSPACE_IN_USE', 'Somebody is there.'));
    expect((await factory('suspend', 'alice/k3s')).error).toMatchObject({
      code: 'WORKSPACE_IN_USE',
      message: 'Somebody is there.',
      detail: expect.stringContaining('192.0.2.7:50122, OpenSSH, connected for'),
    });
  });

  test('of several those that fail are said, and the others done', async () => {
    answer = async ({ user }) => {
      if (user === 'bob') throw new FactoryError('WORKSPACE_UNKNOWN', 'There is no such workspace.');
    };
    const { said, complained, status, error } = await factory('start', 'alice/k3s', 'bob/k3s');
    expect([status, error]).toEqual([1, undefined]);
    expect(said).toMatch(/^alice\/k3s is running/);
    expect(complained).toBe('bob/k3s: There is no such workspace.');
    const json = await factory('start', 'alice/k3s', 'bob/k3s', '--json');
    expect(JSON.parse(json.said)).toEqual({
      results: [
        { workspace: 'alice/k3s', command: 'start', ok: true, state: 'running', error: null },
        {
          workspace: 'bob/k3s',
          command: 'start',
          ok: false,
          state: 'suspended',
          error: {
            code: 'WORKSPACE_UNKNOWN',
            id: expect.stringMatching(/^[0-9a-f]{8}$/),
            message: 'There is no such workspace.',
          },
        },
      ],
    });
  });

  test('waits no longer than it is told', async () => {
    answer = () => new Promise(() => {});
    expect((await factory('start', 'alice/k3s', '--timeout', '200ms')).error).toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('stays in force'),
    });
  });
});
