import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { HOOKS_FILE } from '../../hooks/ledger/hooks-database.ts';
import { ALICE, hooksIn, labWith, sessionOf } from '../../hooks/testing/hooks-under-test.ts';
import { OK, startReceiver, status } from '../../hooks/testing/receiver.ts';
import { runProgram } from '../testing/run-program.ts';

let stack: AsyncDisposableStack;
let folder: string;
let data: string;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'hooks-'));
  stack.defer(() => rm(folder, { recursive: true }));
  data = join(folder, 'data');
  await mkdir(data);
  await mkdir(join(folder, 'labs/k3s'), { recursive: true });
  await writeFile(join(folder, 'labs/k3s/lab.yaml'), 'container: { image: hello }\n');
  await writeFile(
    join(folder, 'factory.yaml'),
    'domain: lab.test\ndata: ./data\nlabs: [./labs]\ngroups: [{ name: all, members: ["*"] }]\n',
  );
});
afterEach(() => stack.disposeAsync());

const run = (...args: string[]) => runProgram(folder, ['hooks', ...args, '-c', 'factory.yaml']);

test('what waits is listed with why, tried now and dropped; and it is read without a factory', async () => {
  expect((await run()).said).toBe('No hook waits, and none was given up.');
  const receiver = stack.use(await startReceiver());
  receiver.answer = status(503, { 'retry-after': '3000' });
  const lab = labWith(receiver.url, ['session_start', 'delete']);
  const { hooks } = stack.use(hooksIn(data, () => lab));
  const target = { ...IDLE_TARGET, hooks: hooks.office };
  const server = await startControlServer({
    path: controlSocket(data),
    target,
    logger: pino({ level: 'silent' }),
  });
  stack.defer(() => server.close());
  hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  hooks.deleted(ALICE, lab);
  await expect.poll(() => hooks.office.list(1).hooks[0]?.attempts).toBe(1);
  const { said } = await run();
  expect(said).toMatch(
    /^2 hooks waiting, 0 given up\n\nID .*\nmsg_\w+ +alice\/k3s +session_start .* answered 503\nmsg_/,
  );
  const found = JSON.parse((await run('--json')).said);
  expect(found).toMatchObject({
    waiting: 2,
    hooks: [{ hook: 'session_start' }, { hook: 'delete', attempts: 0 }],
  });
  await run('drop', found.hooks[1].id);
  receiver.answer = OK;
  expect((await run('retry', found.hooks[0].id)).said).toContain('1 hook will be tried now');
  await expect.poll(() => hooks.office.list(9)).toMatchObject({ waiting: 0, given_up: 0 });
  expect(receiver.received.map(({ type }) => type)).toEqual(['session_start', 'session_start']);
  expect((await run('drop', found.hooks[1].id)).error).toMatchObject({ code: 'REQUEST_INVALID' });
  expect((await run('retry')).complained).toContain('give the id of a hook, or --all');
  receiver.answer = status(410);
  hooks.deleted(ALICE, lab);
  await expect.poll(() => hooks.office.list(9)).toMatchObject({ waiting: 0, given_up: 1 });
  await server.close();
  expect((await run()).said).toMatch(/^0 hooks waiting, 1 given up\n\n.*\n.* given up +answered 410$/);
  expect((await run('retry', '--all')).error).toMatchObject({ code: 'NOT_RUNNING' });
});

test('a file that is damaged is said to be so', async () => {
  await writeFile(join(data, HOOKS_FILE), 'not a database, but long enough to be looked at. '.repeat(99));
  expect((await run()).error).toMatchObject({ code: 'HOOKS_UNREADABLE' });
});
