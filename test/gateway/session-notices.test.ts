import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { SessionNotice } from '../../src/workspaces/workspace-access.ts';
import { freePort } from '../e2e/harness/taken-port.ts';
import { byte, encode } from './fuzz/wire.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { belowClient, logIn, sendPayload } from './raw-protocol.ts';

/** RFC 4254 §4. */
const REQUEST_FAILURE = 82;

/** A client that reads gets half a second to show it; ms. */
const LONGER_THAN_SHOWING = 1_000;

/** Of a client that a busy machine does not run for long; ms. */
const PATIENT = { reading: 120_000 };

function notify(it: GatewayUnderTest, notice: SessionNotice): void {
  for (const listener of it.workspaces.noticeListeners) listener(notice);
}

/** A client of which all that it shows is kept. */
function watch(it: GatewayUnderTest, args: readonly string[]) {
  const client = it.spawn(args);
  const shown = { stdout: '', stderr: '' };
  client.stdout.on('data', (chunk: Buffer) => {
    shown.stdout += String(chunk);
  });
  client.stderr.on('data', (chunk: Buffer) => {
    shown.stderr += String(chunk);
  });
  return { client, shown };
}

test('warnings are for people at terminals; the end is told to all, and is an end of that kind', async () => {
  await using it = await GatewayUnderTest.start({ limits: PATIENT });
  const shell = watch(it, ['-tt', ALICE]);
  const command = watch(it, [ALICE, 'echo started; cat']);
  await until(() => it.workspaces.channels.size === 2 && command.shown.stdout === 'started\n');
  await until(() => shell.shown.stdout !== '');

  notify(it, { kind: 'ends_soon', because: 'idle', at: Date.now() + 60_000 });
  await until(() => shell.shown.stdout.includes('Press a key to stay.'));
  expect(shell.shown.stdout).toMatch(/\r\nNothing was typed here for long, so this session ends in 60 s\. /);

  it.workspaces.limit = { endsAt: Date.now() + 900_000, left: 1_800_000 };
  notify(it, { kind: 'ends_soon', because: 'max_session', at: Date.now() + 900_000 });
  await until(() => shell.shown.stdout.includes('-- @extend'));
  expect(shell.shown.stdout).toMatch(
    /ends in 15 min, .*longer, by 30 min at most: ssh .*alice@.* -- @extend/,
  );

  notify(it, { kind: 'over', because: 'max_session' });
  await Promise.all([once(shell.client, 'close'), once(command.client, 'close')]);
  expect(shell.shown.stdout).toMatch(/This session ends now: it has lasted .* connect again at any time\./);
  expect(command.shown).toEqual({
    stdout: 'started\n',
    stderr: expect.stringMatching(/^This session ends now: .*\n/),
  });
  await until(() => it.workspaces.ends.length === 2);
  expect(it.workspaces.ends).toEqual(['max_session', 'max_session']);
});

test('a client that was not run for a while still shows why its session ended', async () => {
  await using it = await GatewayUnderTest.start({ limits: PATIENT });
  const { client, shown } = watch(it, [ALICE, 'echo started; cat']);
  await until(() => shown.stdout === 'started\n');
  client.kill('SIGSTOP');
  notify(it, { kind: 'over', because: 'max_session' });
  await pause(LONGER_THAN_SHOWING);
  expect(it.workspaces.ends).toEqual([]);
  client.kill('SIGCONT');
  await once(client, 'close');
  expect(shown.stderr).toMatch(/^This session ends now: .*\n/);
});

test('one that does not say whether it has read it is ended all the same', async () => {
  await using it = await GatewayUnderTest.start({ limits: { reading: 300 } });
  const { client, shown } = watch(it, [ALICE, 'echo started; cat']);
  await until(() => shown.stdout === 'started\n');
  client.kill('SIGSTOP');
  notify(it, { kind: 'over', because: 'max_session' });
  await until(() => it.workspaces.ends.length === 1);
  expect(it.workspaces.ends).toEqual(['max_session']);
  client.kill('SIGKILL');
});

test('the answer to an earlier keep-alive says nothing of what came after it', async () => {
  const limits = { ...PATIENT, keepaliveInterval: 100, keepaliveCount: 10_000 };
  await using it = await GatewayUnderTest.start({ limits });
  let asked = 0;
  const client = await logIn(it, (client) => {
    belowClient(client)._protocol._handlers.GLOBAL_REQUEST = (_, name) => {
      if (name === 'keepalive@openssh.com') asked += 1;
    };
  });
  const answer = () => sendPayload(client, encode([byte(REQUEST_FAILURE)]));
  await until(() => asked > 0);
  notify(it, { kind: 'over', because: 'idle' });
  answer();
  await pause(LONGER_THAN_SHOWING);
  expect(it.workspaces.ends).toEqual([]);
  for (let left = asked - 1; left > 0; left -= 1) answer();
  await until(() => it.workspaces.ends.length === 1);
  expect(it.workspaces.ends).toEqual(['idle']);
});

test.each(['idle', 'operator'] as const)('an end because of "%s" is one for the lease', async (because) => {
  await using it = await GatewayUnderTest.start();
  const { client } = watch(it, ['-N', ALICE]);
  await until(() => it.workspaces.noticeListeners.size === 1);
  notify(it, { kind: 'over', because });
  await once(client, 'close');
  await until(() => it.workspaces.ends.length === 1);
  expect(it.workspaces.ends).toEqual([because]);
});

test('every channel is noted while it is open, and no longer', async () => {
  await using it = await GatewayUnderTest.start();
  const kinds = () => [...it.workspaces.channels].map(({ kind, name }) => `${kind} ${name}`.trim()).sort();
  const mux = ['-o', `ControlPath=${it.folder}/mux`];
  // Says what it is sent, and leaves as it is told to.
  const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  const target = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const master = it.spawn([...mux, '-M', '-N', ALICE]);
  await until(async () => (await it.ssh([...mux, '-O', 'check', ALICE])).exitCode === 0);
  expect(kinds()).toEqual([]);

  const shell = watch(it, [...mux, '-tt', ALICE]);
  await until(() => kinds().join() === 'shell');
  const files = it.spawn([...mux, '-s', ALICE, 'sftp']);
  const command = watch(it, [...mux, ALICE, 'cat']);
  const forward = watch(it, [...mux, '-W', target, ALICE]);
  await until(() => kinds().length === 4);
  expect(kinds()).toEqual(['command', 'forward', 'shell', 'subsystem sftp']);
  forward.client.stdin.write('through');
  await until(() => forward.shown.stdout === 'through');

  expect((await it.ssh([...mux, ALICE, '@status'])).exitCode).toBe(0);
  command.client.stdin.end();
  forward.client.stdin.end();
  await until(() => kinds().join() === 'shell,subsystem sftp');
  for (const client of [files, shell.client]) client.kill();
  await until(() => kinds().length === 0);
  master.kill();
  echo.close();
});

test('a forward that leads nowhere is none', async () => {
  await using it = await GatewayUnderTest.start();
  const { exitCode } = await it.ssh(['-W', '127.0.0.1:1', ALICE]);
  expect(exitCode).toBe(255);
  expect([...it.workspaces.channels]).toEqual([]);
  expect(it.workspaces.clients).toEqual(['OpenSSH']);
});

test('clients are called what people call them, as soon as it shows', async () => {
  await using it = await GatewayUnderTest.start();
  const calls = it.workspaces.clients;
  await it.ssh([ALICE, 'true']);
  expect(calls.splice(0)).toEqual(['OpenSSH']);

  const port = it.port;
  await execa('sftp', [...it.options(), '-P', port, '-b', '-', ALICE], { input: 'pwd\n', timeout: 60_000 });
  expect(calls.splice(0)).toEqual(['OpenSSH', 'sftp']);

  // As VS Code does: no shell of its own, a script on the input, and everything else through a proxy.
  const socks = await freePort();
  const window = watch(it, ['-T', '-D', `127.0.0.1:${socks}`, ALICE, 'sh']);
  window.client.stdin.write('echo the script runs\n');
  await until(() => window.shown.stdout.includes('the script runs'));
  expect(calls.splice(0)).toEqual(['OpenSSH']);
  await execa('curl', [
    '--silent',
    '--max-time',
    '30',
    '--socks5',
    `127.0.0.1:${socks}`,
    `http://127.0.0.1:${port}`,
  ]).catch(() => {});
  await until(() => calls.length > 0);
  expect(calls).toEqual(['VS Code']);
  window.client.kill();
});
