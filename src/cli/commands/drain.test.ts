import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import type { FactoryStatus } from '../../control/status-schema.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { runProgram } from '../testing/run-program.ts';

let stack: AsyncDisposableStack;
let folder: string;
/** How many sessions the factory tells of, one answer after the other; undefined: it can not say. */
let answers: (number | undefined)[];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'drain-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'factory.yaml'), 'data: ./data\n');
  const server = await startControlServer({
    path: controlSocket(join(folder, 'data')),
    target: {
      ...IDLE_TARGET,
      drain: ({ within }) => ({ until: new Date(Date.now() + within).toISOString() }),
      status: async () => {
        const sessions = answers.shift();
        if (sessions === undefined) throw new FactoryError('TIMED_OUT', 'Docker takes long.');
        return { ...STATUS, sessions };
      },
    },
    logger: pino({ level: 'silent' }),
  });
  stack.defer(() => server.close());
});
afterEach(() => stack.disposeAsync());

test('waits until nobody is there', async () => {
  answers = [1, 1, 0];
  expect(await drain()).toMatchObject({
    said: expect.stringMatching(/; 1 session is there, to end in .*\nNobody is in the factory any more\.$/),
    complained: expect.stringMatching(/^1 session is there, .* left$/),
    error: undefined,
  });
});

test('a factory that is too busy to say who is there is asked again: its drain goes on', async () => {
  answers = [undefined, undefined, 1, 0];
  expect(await drain()).toMatchObject({
    said: expect.stringMatching(/not known, to end in .*\nNobody is in the factory any more\.$/),
    complained: expect.stringMatching(
      /could not do that; see its log\. It is asked again, .* left\n1 session is there, /,
    ),
    error: undefined,
  });
});

const drain = () => runProgram(folder, ['drain', '--in', '1m', '--config', 'factory.yaml']);

const NOW = new Date().toISOString();
const STATUS: FactoryStatus = {
  version: '1',
  instance: 'abcd1234',
  pid: 1,
  since: NOW,
  ssh: '',
  web: '',
  configuration: { file: null, read_at: NOW, problem: null, needs_restart: [] },
  hooks: { waiting: 0, given_up: 0 },
  closed_out: [],
  drain: null,
  sessions: 0,
  workspaces: [],
};
