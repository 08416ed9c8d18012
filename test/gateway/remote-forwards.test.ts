import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingServer } from './counting-server.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
});
afterAll(() => it[Symbol.asyncDispose]());

/** `ssh -N` with the forwards, when they are granted; `said` is what it says. */
async function forwarding(...args: readonly string[]) {
  const loud = ['-o', 'LogLevel=INFO', '-o', 'ExitOnForwardFailure=yes'];
  const client = spawn('ssh', [...loud, ...it.options(), '-p', it.port, '-N', ...args, ALICE]);
  let said = '';
  client.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return {
    client,
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      client.kill();
      if (client.exitCode === null) await once(client, 'exit');
    },
  };
}

async function answer(socket: Socket, sent: string | Buffer): Promise<string> {
  socket.end(sent);
  return await text(socket);
}

async function isSocket(path: string): Promise<boolean> {
  return (await execa('test', ['-S', path], { reject: false })).exitCode === 0;
}

test('-R with port 0: the client is told the port, and each direction ends by itself', async () => {
  using local = await countingServer({ port: 0, host: '127.0.0.1' });
  await using forward = await forwarding('-R', `0:127.0.0.1:${local.port}`);
  await until(async () => /Allocated port \d+/.test(forward.said()));
  const port = Number(/Allocated port (\d+)/.exec(forward.said())?.[1]);
  const answers = Array.from({ length: 20 }, (_, n) =>
    answer(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), randomBytes(n * 50_000)),
  );
  expect(await Promise.all(answers)).toEqual(answers.map((_, n) => `${n * 50_000} bytes`));
});

test('-R by Unix sockets on both sides', async () => {
  const [inside, outside] = [join(it.folder, 'inside.sock'), join(it.folder, 'outside.sock')];
  using _local = await countingServer({ path: outside });
  await using _forward = await forwarding('-R', `${inside}:${outside}`);
  await until(() => isSocket(inside));
  expect(await answer(connect({ path: inside, allowHalfOpen: true }), 'x'.repeat(300_000))).toBe(
    '300000 bytes',
  );
});

test('-L to a Unix socket, and to one that is not there', async () => {
  const [inside, outside] = [join(it.folder, 'there.sock'), join(it.folder, 'here.sock')];
  using _inside = await countingServer({ path: inside });
  await using _forward = await forwarding('-L', `${outside}:${inside}`, '-L', `${outside}2:${inside}nowhere`);
  await until(() => isSocket(`${outside}2`));
  expect(await answer(connect({ path: outside, allowHalfOpen: true }), 'x'.repeat(300_000))).toBe(
    '300000 bytes',
  );
  const nowhere = answer(connect({ path: `${outside}2`, allowHalfOpen: true }), 'x');
  expect(await nowhere.catch(() => '')).toBe('');
});

test('a forward that is cancelled is closed, and may be asked for again', async () => {
  using local = await countingServer({ port: 0, host: '127.0.0.1' });
  const control = join(it.folder, 'control');
  await using _master = await forwarding('-M', '-S', control);
  await until(() => isSocket(control));
  const path = join(it.folder, 'cancelled.sock');
  const ask = (order: string) =>
    it.ssh(['-S', control, '-O', order, '-R', `${path}:127.0.0.1:${local.port}`, ALICE]);
  const refused = async (at: NetConnectOpts) => {
    const socket = connect(at);
    return await once(socket, 'connect').then(
      () => socket.destroy() && false,
      () => true,
    );
  };

  expect((await ask('forward')).exitCode).toBe(0);
  expect(await answer(connect({ path, allowHalfOpen: true }), 'abc')).toBe('3 bytes');
  expect((await ask('cancel')).exitCode).toBe(0);
  // A cancel is not answered: ssh says that it is done when it has asked.
  await until(() => refused({ path }));

  const free = await countingServer({ port: 0, host: '127.0.0.1' });
  const { port } = free;
  free[Symbol.dispose]();
  const askByPort = (order: string) =>
    it.ssh(['-S', control, '-O', order, '-R', `${port}:127.0.0.1:${local.port}`, ALICE]);
  expect((await askByPort('forward')).exitCode).toBe(0);
  expect(await refused({ port, host: '127.0.0.1' })).toBe(false);
  expect((await askByPort('cancel')).exitCode).toBe(0);
  await until(() => refused({ port, host: '127.0.0.1' }));
});

test('a port that is taken is refused, and the client told', async () => {
  // sshd is content with one of the two loopback addresses.
  using taken = await countingServer({ port: 0, host: '::' });
  const { stdout, stderr } = await it.ssh(['-R', `${taken.port}:127.0.0.1:1`, ALICE, 'echo on'], {
    asAPersonSees: true,
  });
  expect(stdout).toBe('on');
  expect(stderr).toContain('remote port forwarding failed');
});
