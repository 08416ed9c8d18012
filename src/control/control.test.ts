import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { createControlClient } from './control-client.ts';
import { startControlServer } from './control-server.ts';
import { controlSocket } from './control-socket.ts';
import type { ControlTarget } from './control-target.ts';
import type { FactoryStatus } from './status-schema.ts';
import { IDLE_TARGET } from './testing/idle-target.ts';

const NOW = '2026-11-28T10:00:00.000Z';
const STATUS: FactoryStatus = {
  version: '1.2.3',
  instance: 'abcd1234',
  pid: 1,
  since: NOW,
  ssh: '127.0.0.1:22',
  web: 'http://127.0.0.1:80',
  configuration: { file: null, read_at: '2026-11-28T10:00:00.000Z', problem: null, needs_restart: [] },
  hooks: { waiting: 0, given_up: 0 },
  closed_out: [],
  drain: null,
  sessions: 0,
  workspaces: [],
};

let folder: string;
let drains: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'control-'));
  drains = [];
});
afterEach(() => rm(folder, { recursive: true }));

function start(target: Partial<ControlTarget> = {}) {
  return startControlServer({
    path: controlSocket(folder),
    target: {
      ...IDLE_TARGET,
      status: async () => STATUS,
      drain: (request) => {
        drains.push(request);
        return { until: NOW };
      },
      cancelDrain: () => drains.push('cancelled'),
      ...target,
    },
    logger: pino({ level: 'silent' }),
  });
}

const signal = () => AbortSignal.timeout(30_000);

describe('the control socket', () => {
  test('tells the status, and takes drains', async () => {
    const server = await start();
    await using client = createControlClient(controlSocket(folder));
    expect(await client.status(signal())).toEqual(STATUS);
    expect(await client.drain({ within_ms: 5, message: 'a word' }, signal())).toEqual({ until: NOW });
    await client.drain({ within_ms: 0 }, signal());
    await client.cancelDrain(signal());
    expect(drains).toEqual([
      { within: 5, message: 'a word' },
      { within: 0, message: undefined },
      'cancelled',
    ]);
    await server.close();
  });

  test.each([
    ['no time', {}],
    ['a negative time', { within_ms: -1 }],
    ['more than a day', { within_ms: 86_400_001 }],
    ['control characters for terminals', { within_ms: 1, message: '\u001b[2J' }],
    ['an unknown key', { within_ms: 1, force: true }],
  ])('refuses a drain with %s', async (_what, body) => {
    const server = await start();
    await using client = createControlClient(controlSocket(folder));
    // @ts-expect-error it is wrong on purpose
    await expect(client.drain(body, signal())).rejects.toMatchObject({ code: 'CONTROL_FAILED' });
    expect(drains).toEqual([]);
    await server.close();
  });

  test('is of this user alone, and goes with the factory', async () => {
    const server = await start();
    expect((await stat(controlSocket(folder))).mode & 0o022).toBe(0);
    await server.close();
    await using client = createControlClient(controlSocket(folder));
    await expect(client.status(signal())).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  });

  test('takes the place of one that a killed factory left', async () => {
    const dead = createServer();
    dead.listen(controlSocket(folder));
    await once(dead, 'listening');
    const server = await start();
    await using client = createControlClient(controlSocket(folder));
    expect(await client.status(signal())).toEqual(STATUS);
    await server.close();
    dead.close();
  });

  test('a failure of the factory is one of the answer, not of the process', async () => {
    const server = await start({ status: async () => Promise.reject(new FactoryError('TIMED_OUT', 'late')) });
    await using client = createControlClient(controlSocket(folder));
    await expect(client.status(signal())).rejects.toMatchObject({ code: 'CONTROL_FAILED' });
    await server.close();
  });

  test('of another version says so', async () => {
    const other = createServer((_request, response) => void response.end('{"hello":"world"}'));
    other.listen(controlSocket(folder));
    await once(other, 'listening');
    await using client = createControlClient(controlSocket(folder));
    await expect(client.status(signal())).rejects.toMatchObject({
      code: 'CONTROL_FAILED',
      message: expect.stringContaining('another version'),
    });
    other.close();
  });

  test('can not be made in a folder that is gone', async () => {
    await expect(
      startControlServer({
        path: join(folder, 'gone', 'control.sock'),
        target: IDLE_TARGET,
        logger: pino({ level: 'silent' }),
      }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
