import { once } from 'node:events';
import { expect, test } from 'vitest';
import { FactoryError } from '../../src/errors/factory-error.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';

test('the lease begins with the login and ends once, with the connection', async () => {
  await using it = await GatewayUnderTest.start();
  const client = it.spawn(['-N', ALICE]);
  await until(() => it.workspaces.holders.size === 1);
  const [holder] = it.workspaces.holders;
  expect(holder?.clientProgram).toContain('SSH-2.0-OpenSSH');
  client.kill('SIGTERM');
  await until(() => it.workspaces.holders.size === 0);
  expect(it.workspaces.releases).toBe(1);
});

test('a client killed with -9 gives its lease back, and its command gets a hang-up', async () => {
  await using it = await GatewayUnderTest.start();
  const client = it.spawn(['-tt', ALICE, 'echo started; sleep 1000']);
  await once(client.stdout, 'data');
  client.kill('SIGKILL');
  await until(() => it.workspaces.holders.size === 0);
  await until(() => it.sshd.processes.size === 0);
  expect(it.workspaces.releases).toBe(1);
});

test('a client that is silent for too long is given up, within the keep-alive time', async () => {
  await using it = await GatewayUnderTest.start({ limits: { keepaliveInterval: 100, keepaliveCount: 3 } });
  const client = it.spawn(['-N', ALICE]);
  await until(() => it.workspaces.holders.size === 1);
  client.kill('SIGSTOP');
  await until(() => it.workspaces.holders.size === 0);
  client.kill('SIGKILL');
});

test('a client that answers keep-alives stays', async () => {
  // Five seconds of silence are its end.
  await using it = await GatewayUnderTest.start({ limits: { keepaliveInterval: 1_000, keepaliveCount: 4 } });
  const { stdout } = await it.ssh([ALICE, 'sleep 7; echo still here']);
  expect(stdout).toBe('still here');
});

test('keys are renewed in the middle of a transfer, and no byte is lost', async () => {
  await using it = await GatewayUnderTest.start({ limits: { rekeyBytes: 1_000_000 } });
  const sent = Buffer.alloc(20_000_000, 'rekey');
  const slowly = 'head -c 10000000; sleep 1.2; head -c 5000000; sleep 1.2; cat';
  const { stdout, stderr } = await it.sshBytes(['-v', ALICE, slowly], { input: sent });
  expect(sent.equals(stdout)).toBe(true);
  expect(
    Buffer.from(stderr)
      .toString()
      .match(/SSH2_MSG_NEWKEYS received/g)?.length,
  ).toBeGreaterThan(1);
});

test('a workspace that cannot be had is a sentence', async () => {
  await using it = await GatewayUnderTest.start();
  const error = new FactoryError('SHUTTING_DOWN', 'The factory is restarting; connect again in a minute.');
  it.workspaces.lease = () => {
    throw error;
  };
  const { stdout, stderr, exitCode } = await it.ssh([ALICE, 'echo in']);
  expect({ stdout, stderr, exitCode }).toEqual({
    stdout: '',
    stderr: `The factory is restarting; connect again in a minute. (error ${error.id})`,
    exitCode: 1,
  });
});

test('a lab that may not be used is a sentence, and takes no lease', async () => {
  await using it = await GatewayUnderTest.start({
    resolve: () => ({ kind: 'refused', message: 'Lab k3s is not for you.' }),
  });
  const { stderr, exitCode } = await it.ssh([ALICE, 'true']);
  expect({ stderr, exitCode }).toEqual({ stderr: 'Lab k3s is not for you.', exitCode: 1 });
  expect(it.workspaces.holders.size + it.workspaces.releases).toBe(0);
});

test('a user has a limit of connections, and a connection one of channels', async () => {
  await using it = await GatewayUnderTest.start({
    limits: { connectionsPerUser: 1, channelsPerConnection: 2 },
  });
  const mux = ['-o', `ControlPath=${it.folder}/mux`];
  const master = it.spawn([...mux, '-M', '-N', ALICE]);
  await until(async () => (await it.ssh([...mux, '-O', 'check', ALICE])).exitCode === 0);
  expect((await it.ssh([ALICE, 'true'])).stderr).toContain('1 connections open');
  const running = [0, 1].map(() => it.spawn([...mux, ALICE, 'echo started; sleep 1000']));
  await Promise.all(running.map((client) => once(client.stdout, 'data')));
  const { stderr, exitCode } = await it.ssh([...mux, ALICE, 'true']);
  expect({ stderr, exitCode }).toEqual({ stderr: expect.stringContaining('2 channels open'), exitCode: 1 });
  master.kill();
  await until(() => it.workspaces.holders.size === 0);
  await until(async () => (await it.ssh([ALICE, 'true'])).exitCode === 0);
});

test('what a client sends for a channel is noted, and its keep-alives are not', async () => {
  await using it = await GatewayUnderTest.start({ limits: { keepaliveInterval: 20, keepaliveCount: 9_999 } });
  const client = it.spawn([ALICE, 'cat']);
  await until(() => it.workspaces.holders.size === 1);
  client.stdin.write('a line\n');
  await once(client.stdout, 'data');
  const noted = it.workspaces.inputs;
  expect(noted).toBeGreaterThan(0);
  // Some thirty keep-alives go by meanwhile; that a channel is opened is noted.
  await it.ssh([ALICE, 'sleep 0.6']);
  expect(it.workspaces.inputs).toBe(noted + 1);
  client.stdin.end('another\n');
  await once(client, 'close');
  expect(it.workspaces.inputs).toBeGreaterThan(noted);
});
