import { once } from 'node:events';
import type { TerminalModes } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FactoryError } from '../../src/errors/factory-error.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { openShell } from './open-shell.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
});
afterAll(() => it[Symbol.asyncDispose]());

test('a terminal has its size, its name and its modes, and follows changes of the size', async () => {
  // ssh2's types do not know IUTF8 (RFC 8160).
  const modes: TerminalModes = Object.fromEntries([
    ['VINTR', 24],
    ['IUTF8', 1],
  ]);
  using shell = await openShell(it, { cols: 101, rows: 33, term: 'vt220', modes });
  shell.type('stty size; echo "term=$TERM"; stty -a | tr ";" "\\n"\r');
  await shell.sees(/33 101\s/);
  await shell.sees(/term=vt220\s/);
  await shell.sees(/intr = \^X/);
  await shell.sees(/[^-]iutf8/);
  shell.stream.setWindow(44, 120, 0, 0);
  shell.type('stty size\r');
  await shell.sees(/44 120\s/);
});

test('^C reaches the foreground job and not the shell', async () => {
  using shell = await openShell(it);
  // What is typed is seen before the shell has started it, and then ^C is the shell's.
  shell.type("sh -c 'echo runs $((1 + 1)); exec sleep 100'\r");
  await shell.sees(/runs 2/);
  shell.type('\x03');
  shell.type('echo still $((40 + 2))\r');
  await shell.sees(/still 42/);
});

test('exit ends the shell with its status', async () => {
  using shell = await openShell(it);
  shell.type('exit 3\r');
  await until(() => shell.exit() === 3);
});

test('with nothing to wait for, a terminal gets nothing but the command', async () => {
  const { stdout } = await it.ssh(['-tt', ALICE, 'tty']);
  expect(stdout).toMatch(/^\/dev\/pts\/\d+$/);
});

test('a shell without a terminal works as a command does', async () => {
  const { stdout, exitCode } = await it.ssh(['-T', ALICE], { input: 'echo in; exit 5\n' });
  expect({ stdout, exitCode }).toEqual({ stdout: 'in', exitCode: 5 });
});

test('while the cluster is made the student sees it, and Enter brings the prompt and is swallowed', async () => {
  await using own = await GatewayUnderTest.start();
  const since = Date.now();
  own.workspaces.phases = {
    cluster: {
      kind: 'working',
      action: 'create',
      step: 'pulling rancher/k3s',
      since,
      overdueAt: Number.POSITIVE_INFINITY,
    },
  };
  using shell = await openShell(own);
  await shell.sees(/cluster: pulling rancher\/k3s \(\d+ s\); press Enter for the prompt now/);
  shell.type('\r');
  await shell.sees(/[#$] $/);
  expect(shell.seen().match(/[#$] /g)).toHaveLength(1);
});

test('what is typed while waiting reaches the shell', async () => {
  await using own = await GatewayUnderTest.start();
  const container = Promise.withResolvers<void>();
  own.workspaces.containerReady = () => container.promise;
  own.workspaces.phases = {
    container: {
      kind: 'working',
      action: 'create',
      step: '',
      since: Date.now(),
      overdueAt: Number.POSITIVE_INFINITY,
    },
  };
  using shell = await openShell(own);
  await shell.sees(/container: create/);
  shell.type('echo typed $((1 + 1))\r');
  await new Promise((resolve) => setTimeout(resolve, 50));
  own.workspaces.phases = { container: { kind: 'ready' } };
  container.resolve();
  await shell.sees(/typed 2/);
});

test('a cluster that failed is one sentence with its id, then the shell', async () => {
  await using own = await GatewayUnderTest.start();
  const error = new FactoryError('CLUSTER_FAILED', 'Your cluster did not start.');
  own.workspaces.phases = {
    cluster: { kind: 'failed', error, retryAt: Date.now() + 9_000 },
  };
  using shell = await openShell(own);
  await shell.sees(new RegExp(`Your cluster did not start\\. \\(error ${error.id}\\).*\r\n`));
  await shell.sees(/[#$] $/);
});

test('a cluster that only resumes delays nothing', async () => {
  await using own = await GatewayUnderTest.start();
  own.workspaces.phases = {
    cluster: {
      kind: 'working',
      action: 'resume',
      step: '',
      since: Date.now(),
      overdueAt: Number.POSITIVE_INFINITY,
    },
  };
  using shell = await openShell(own);
  // Nobody has pressed a key. On a busy machine the shell itself takes so long that its wait is shown, and wiped away.
  await shell.sees(/[#$] $/);
  expect(shell.seen().split('\u001b[K').at(-1)).not.toContain('cluster');
});

test('everybody at a terminal is told of the end, and commands get no byte of it', async () => {
  const own = await GatewayUnderTest.start();
  using shell = await openShell(own);
  await shell.sees(/[#$] $/);
  const command = own.spawn([ALICE, 'echo started; cat; echo done']);
  let said = '';
  command.stdout.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  await until(() => said === 'started\n');
  const closing = own.gateway.close(60_000, 'The factory is restarting.');
  await shell.sees(/The factory is restarting\.\r\n/);
  command.stdin.end();
  await once(command, 'close');
  expect(said).toBe('started\ndone\n');
  shell.type('exit\r');
  shell.stream.once('close', () => shell.client.end());
  await closing;
  expect(own.workspaces.holders.size).toBe(0);
  await own[Symbol.asyncDispose]();
});

test('news of the lab is for a shell on a terminal, and for nothing else', async () => {
  await using own = await GatewayUnderTest.start();
  own.workspaces.news = { deletedAt: Date.parse('2026-11-20T12:00:00Z'), deletedAfter: 14 * 86_400_000 };
  using shell = await openShell(own);
  await shell.sees(/[#$] $/);
  expect(shell.seen()).toMatch(
    /^Nobody used this lab for long, .* on 2026-11-20; .*\r\nIf nobody comes for 14 d /,
  );
  for (const args of [
    [ALICE, 'echo in'],
    ['-tt', ALICE, 'echo in'],
    ['-T', ALICE, '@status'],
  ]) {
    const { stdout, stderr } = await own.ssh(args);
    expect(stdout + stderr).not.toContain('obody');
  }
});

test('what an initialization has to say is for a shell on a terminal, before its prompt', async () => {
  await using own = await GatewayUnderTest.start();
  own.workspaces.message = 'Your database is at db.example.org.\nIts password is in ~/.pgpass.';
  using shell = await openShell(own);
  await shell.sees(/[#$] $/);
  // Behind what was wiped away again, where the shell took its time.
  expect(shell.seen().split('\u001b[K').at(-1)).toMatch(
    /^Your database is at db\.example\.org\.\r\nIts password is in .*\r\n/,
  );
  const { stdout, stderr } = await own.ssh([ALICE, 'echo in']);
  expect(stdout + stderr).toBe('in');
});
