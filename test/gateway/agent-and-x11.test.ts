import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALICE, GatewayUnderTest, makeKey, until } from './gateway-under-test.ts';

let it: GatewayUnderTest;
let agent: string;
let key: string;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  it = stack.use(await GatewayUnderTest.start());
  agent = join(it.folder, 'agent.sock');
  const program = execa('ssh-agent', ['-D', '-a', agent], { reject: false });
  stack.defer(async () => {
    program.kill();
    await program;
  });
  await until(async () => (await execa('test', ['-S', agent], { reject: false })).exitCode === 0);
  const { path } = await makeKey(it.folder, 'in-the-agent');
  await execa('ssh-add', ['-q', path], { env: { SSH_AUTH_SOCK: agent } });
  key = (await execa('ssh-keygen', ['-lf', path])).stdout.split(' ')[1] ?? '';
});
afterAll(() => stack.disposeAsync());

/** With an agent of the test's own, which is forwarded and not used for the login; of two options the first counts. */
const withAgent = (...args: readonly string[]) =>
  execa('ssh', ['-A', '-o', `IdentityAgent=${agent}`, ...it.options(), '-p', it.port, ...args], {
    stdin: 'ignore',
    reject: false,
    timeout: 120_000,
  });

test('-A: the agent answers in the container, also twenty programs at once', async () => {
  const ask = 'for n in $(seq 20); do ssh-add -l & done; wait';
  const { stdout } = await withAgent(ALICE, ask);
  expect(stdout.split('\n').filter((line) => line.includes(key))).toHaveLength(20);
});

test('without -A there is no agent', async () => {
  const { stdout } = await it.ssh([ALICE, 'echo "[$SSH_AUTH_SOCK]"']);
  expect(stdout).toBe('[]');
});

test('sessions that share a connection share the agent', async () => {
  const control = join(it.folder, 'control');
  const master = withAgent('-N', '-M', '-S', control, ALICE);
  await until(async () => (await execa('test', ['-S', control], { reject: false })).exitCode === 0);
  const sessions = [1, 2, 3].map(() => withAgent('-S', control, ALICE, 'ssh-add -l'));
  for (const { stdout } of await Promise.all(sessions)) expect(stdout).toContain(key);
  master.kill();
  await master;
});

/** What an X client says first (X11 protocol, "Connection Setup"): little-endian, 11.0, its cookie. */
function hello(cookie: Buffer): Buffer {
  const name = Buffer.from('MIT-MAGIC-COOKIE-1\0\0');
  const head = Buffer.from([0x6c, 0, 11, 0, 0, 0, 18, 0, cookie.length, 0, 0, 0]);
  return Buffer.concat([head, name, cookie]);
}

test('-Y: programs in the container show on the X server of the client', async () => {
  // In the place of xauth(1), which is told the cookie.
  const xauth = join(it.folder, 'xauth');
  await writeFile(xauth, `#!/bin/sh\ncat >>${it.folder}/cookies\n`);
  await chmod(xauth, 0o755);
  const shown: Buffer[] = [];
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        shown.push(chunk);
        socket.write('here is the X server');
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const display = (server.address() as AddressInfo).port - 6000;
  const env = { DISPLAY: `127.0.0.1:${display}` };
  const client = execa('ssh', [...it.options(), '-p', it.port, '-Y', ALICE, 'echo $DISPLAY; exec cat'], {
    env,
    stdin: 'pipe',
    reject: false,
  });
  let said = '';
  client.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await until(() => said.includes('\n'));
  const inside = 6000 + Number(/localhost:(\d+)/.exec(said)?.[1]);
  const cookies = await readFile(join(it.folder, 'cookies'), 'utf8');
  const cookie = Buffer.from(/MIT-MAGIC-COOKIE-1 ([0-9a-f]+)/.exec(cookies)?.[1] ?? '', 'hex');

  const socket = connect(inside, '127.0.0.1');
  socket.write(hello(cookie));
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toBe('here is the X server');
  // The client has put the true cookie in the place of the one that it gave away.
  expect(Buffer.concat(shown)).toHaveLength(hello(cookie).length);
  const wrong = connect(inside, '127.0.0.1');
  wrong.write(hello(Buffer.alloc(16)));
  await once(wrong, 'close');
  socket.destroy();
  client.stdin.end();
  await client;
  server.close();
});

test('-Y where the container has no xauth: the person is told, and the command runs', async () => {
  await using bare = await GatewayUnderTest.start();
  const { stdout, stderr } = await bare.ssh(['-Y', ALICE, 'echo on'], { env: { DISPLAY: '127.0.0.1:99' } });
  expect(stdout).toBe('on');
  expect(stderr).toMatch(/X11 is not forwarded: .*xauth/);
});
