import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ALICE, GatewayUnderTest, PATIENT, until } from './gateway-under-test.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
});
afterAll(() => it[Symbol.asyncDispose]());
beforeEach(() => {
  it.workspaces.ends.splice(0);
});

async function ended(gateway = it): Promise<string | undefined> {
  await until(() => gateway.workspaces.ends.length === 1);
  return gateway.workspaces.ends[0];
}

test('a command that ends, and a client that is told to go, have closed it', async () => {
  await it.ssh([ALICE, 'exit 3']);
  expect(await ended()).toBe('closed');
  it.workspaces.ends.splice(0);
  const mux = ['-o', `ControlPath=${it.folder}/mux`];
  const client = it.spawn([...mux, '-M', '-N', ALICE]);
  // Only an ssh that answers this says good-bye when it is told to go; one that has just logged in is killed.
  await until(async () => (await it.ssh([...mux, '-O', 'check', ALICE])).exitCode === 0);
  client.kill('SIGTERM');
  expect(await ended()).toBe('closed');
});

test.each([[['-N', ALICE]], [[ALICE, 'echo started; sleep 1000']]])(
  'a client killed with -9 is lost: %j',
  async (args) => {
    const client = it.spawn(args);
    await until(() => it.workspaces.holders.size === 1);
    if (args.length === 2 && args[0] === ALICE) await once(client.stdout, 'data');
    client.kill('SIGKILL');
    expect(await ended()).toBe('lost');
  },
);

test('a client that closes its channels and hangs up without a good-bye has closed it', async () => {
  const sock = connect(it.gateway.address.port, '127.0.0.1');
  const client = new ssh2.Client();
  const privateKey = await readFile(join(it.folder, 'id'), 'utf8');
  client.connect({ sock, username: 'alice', privateKey, ...PATIENT });
  await once(client, 'ready');
  await new Promise<void>((resolve, reject) => {
    client.exec('true', (error, stream) => {
      if (error !== undefined) return reject(error);
      stream.resume();
      stream.once('close', () => resolve());
    });
  });
  await until(() => it.workspaces.channels.size === 0);
  sock.end();
  expect(await ended()).toBe('closed');
});

test('a client that speaks out of turn has broken the rules', async () => {
  const sock = connect(it.gateway.address.port, '127.0.0.1');
  const client = new ssh2.Client();
  client.on('error', () => {});
  const privateKey = await readFile(join(it.folder, 'id'), 'utf8');
  client.connect({ sock, username: 'alice', privateKey, ...PATIENT });
  await once(client, 'ready');
  sock.write(Buffer.alloc(64, 0xff));
  expect(await ended()).toBe('protocol_error');
});

test('a client that does not answer is lost', async () => {
  await using own = await GatewayUnderTest.start({ limits: { keepaliveInterval: 100, keepaliveCount: 3 } });
  const client = own.spawn(['-N', ALICE]);
  await until(() => own.workspaces.holders.size === 1);
  client.kill('SIGSTOP');
  expect(await ended(own)).toBe('lost');
  client.kill('SIGKILL');
});

test('a drain, and the end of the gateway, are restarts', async () => {
  await using own = await GatewayUnderTest.start();
  const first = own.spawn(['-N', ALICE]);
  await until(() => own.workspaces.holders.size === 1);
  own.gateway.draining.begin({ until: Date.now(), message: undefined });
  expect(await ended(own)).toBe('restart');
  own.gateway.draining.cancel();
  own.workspaces.ends.splice(0);
  const second = own.spawn(['-N', ALICE]);
  await until(() => own.workspaces.holders.size === 1);
  await own.gateway.close(0, 'The end.');
  expect(await ended(own)).toBe('restart');
  for (const client of [first, second]) client.kill();
});
