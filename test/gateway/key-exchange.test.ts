import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { pino } from 'pino';
import ssh2, { type ConnectConfig } from 'ssh2';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { OUTER_ALGORITHMS } from '../../src/gateway/ssh/algorithms.ts';
import { openMlKem } from '../../src/gateway/ssh/hybrid/ml-kem.ts';
import { mlkem768x25519 } from '../../src/gateway/ssh/hybrid/mlkem768x25519.ts';
import type { KeyExchangeMethod } from '../../src/gateway/ssh/ssh2-patch.ts';
import { testPython } from '../e2e/harness/set-up.ts';
import { ALICE, GatewayUnderTest, PATIENT } from './gateway-under-test.ts';
import { belowClient } from './raw-protocol.ts';

const HYBRID = mlkem768x25519(await openMlKem(pino({ level: 'silent' })));

/** RFC 4253 §11.1. */
const KEY_EXCHANGE_FAILED = 3;

/** SSH_MSG_IGNORE as a packet before any keys: its length, 6 bytes of padding, the message with an empty string, the padding. */
const IGNORE = Buffer.from('0000000c060200000000000000000000', 'hex');

/** What either side may send in the place of its message. ML-KEM opens the last one, to a secret that the other side does not have. */
const BAD_MESSAGES: readonly { name: string; spoil: (message: Buffer) => Buffer }[] = [
  { name: 'nothing', spoil: () => Buffer.alloc(0) },
  { name: 'the half', spoil: (message) => message.subarray(0, message.length / 2) },
  { name: 'a byte too few', spoil: (message) => message.subarray(1) },
  { name: 'a byte too many', spoil: (message) => Buffer.concat([message, Buffer.alloc(1)]) },
  {
    name: 'an X25519 key of zeros',
    spoil: (message) => Buffer.concat([message.subarray(0, -32), Buffer.alloc(32)]),
  },
  {
    name: 'numbers beyond the modulus of ML-KEM, or a changed ciphertext',
    spoil: (message) => Buffer.concat([Buffer.alloc(3, 0xff), message.subarray(3)]),
  },
];

test('OpenSSH of this machine comes in, and both sides keep to strict key exchange', async () => {
  await using it = await GatewayUnderTest.start();
  const { stdout, stderr } = await it.ssh(['-vvv', ALICE, 'echo in']);
  expect(stdout).toBe('in');
  expect(stderr).toMatch(/strict KEX ordering/);
});

test('where post-quantum key exchange is demanded, only who has it comes in', async () => {
  await using it = await GatewayUnderTest.start({ keyExchange: 'post_quantum' });
  const classic = await it.ssh(['-o', 'KexAlgorithms=curve25519-sha256', ALICE, 'echo in'], {
    asAPersonSees: true,
  });
  expect([classic.stdout, classic.exitCode]).toEqual(['', 255]);
  expect(classic.stderr).toMatch(/no matching key exchange method found/);
  expect(await asyncsshClient(it, 1_000_000_000)).toEqual({ exchanges: 1, same: true });
});

test('asyncssh comes in by it, and repeats it under load', async () => {
  await using it = await GatewayUnderTest.start();
  const { exchanges, same } = await asyncsshClient(it, 500_000);
  expect(same).toBe(true);
  expect(exchanges).toBeGreaterThan(4);
});

test("our own client comes in by it at asyncssh's server, which has nothing else", async () => {
  await using it = await GatewayUnderTest.start();
  await using server = await asyncsshServer(it.folder);
  const { client, negotiated } = await connect({ port: server.port, keyExchanges: [HYBRID] });
  expect(negotiated).toBe(HYBRID.name);
  const output = await new Promise((resolve, reject) =>
    client.exec('hello', (error, channel) => (error ? reject(error) : channel.once('data', resolve))),
  );
  expect(String(output)).toBe('HELLO');
  client.end();
});

test.each(BAD_MESSAGES)(
  'a client that sends $name is sent away, and nobody else notices',
  async ({ spoil }) => {
    await using it = await GatewayUnderTest.start();
    const spoiled: KeyExchangeMethod = {
      ...HYBRID,
      start: () => {
        const own = HYBRID.start();
        return { ...own, init: spoil(own.init) };
      },
    };
    await expect(logIn(it, spoiled)).rejects.toMatchObject({ code: KEY_EXCHANGE_FAILED });
    expect(await logIn(it, HYBRID)).toBe(HYBRID.name);
  },
);

test.each(BAD_MESSAGES)('a server that sends $name is left', async ({ spoil }) => {
  const spoiled: KeyExchangeMethod = {
    ...HYBRID,
    answer: (init) => {
      const { reply, secret } = HYBRID.answer(init);
      return { reply: spoil(reply), secret };
    },
  };
  await using server = await ssh2Server(spoiled);
  await expect(connect({ port: server.port, keyExchanges: [HYBRID] })).rejects.toMatchObject({
    level: 'handshake',
  });
});

test('a client that sends a packet more before its keys are in use is sent away', async () => {
  await using it = await GatewayUnderTest.start();
  const client = new ssh2.Client();
  const chatty: KeyExchangeMethod = {
    ...HYBRID,
    start: () => {
      belowClient(client)._sock.write(IGNORE);
      return HYBRID.start();
    },
  };
  await expect(logIn(it, chatty, client)).rejects.toMatchObject({ code: KEY_EXCHANGE_FAILED });
  expect(await logIn(it, HYBRID)).toBe(HYBRID.name);
});

test('a server that sends a packet more before its keys are in use is left', async () => {
  await using quiet = await ssh2Server(HYBRID);
  const { client } = await connect({ port: quiet.port, keyExchanges: [HYBRID] });
  client.end();
  await using chatty = await ssh2Server(HYBRID, IGNORE);
  await expect(connect({ port: chatty.port, keyExchanges: [HYBRID] })).rejects.toThrow(
    /unexpected packet type 2/,
  );
});

/** Logs in as alice; resolves with the key exchange. */
async function logIn(
  it: GatewayUnderTest,
  method: KeyExchangeMethod,
  client = new ssh2.Client(),
): Promise<string> {
  const privateKey = await readFile(join(it.folder, 'id'));
  const { negotiated } = await connect(
    { port: it.gateway.address.port, keyExchanges: [method], privateKey },
    client,
  );
  client.end();
  return negotiated;
}

/** Rejects with the first error; its `code` is the reason that the server gave. */
async function connect(config: ConnectConfig, client = new ssh2.Client()) {
  let negotiated = '';
  client.once('handshake', ({ kex }) => {
    negotiated = kex;
  });
  await new Promise<void>((resolve, reject) => {
    client
      .once('ready', resolve)
      .on('error', reject)
      .once('close', () => reject(new Error('closed')));
    const login = { host: '127.0.0.1', username: 'alice', algorithms: OUTER_ALGORITHMS, ...PATIENT };
    client.connect({ ...login, ...config });
  });
  return { client, negotiated };
}

/** Lets everybody in. `early` is written to the socket before the server's answer. */
async function ssh2Server(method: KeyExchangeMethod, early = Buffer.alloc(0)) {
  const { private: hostKey } = ssh2.utils.generateKeyPairSync('ed25519');
  const sockets = new Set<ssh2.Connection>();
  const answer = (init: Buffer) => {
    for (const { socket } of sockets) socket.write(early);
    return method.answer(init);
  };
  const server = new ssh2.Server(
    { hostKeys: [hostKey], keyExchanges: [{ ...method, answer }] },
    (connection) => {
      sockets.add(connection);
      connection.on('authentication', (context) => context.accept()).on('error', () => {});
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const connection of sockets) connection.end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function asyncsshClient(it: GatewayUnderTest, rekey: number) {
  const script = join(import.meta.dirname, 'peers/asyncssh_client.py');
  const args = [script, it.port, join(it.folder, 'id'), HYBRID.name, String(rekey)];
  const { stdout } = await execa(await testPython(), args, { timeout: 60_000 });
  return z.object({ exchanges: z.number(), same: z.boolean() }).parse(JSON.parse(stdout));
}

async function asyncsshServer(folder: string) {
  const script = join(import.meta.dirname, 'peers/asyncssh_server.py');
  const child = spawn(await testPython(), [script, join(folder, 'id'), HYBRID.name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [said] = await Promise.race([once(child.stdout, 'data'), ended]);
  return {
    port: Number(said),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
