import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { KEX_ECDH_INIT, kexInit } from '../fuzz/messages.ts';
import { byte, encode, packet, string, uint32 } from '../fuzz/wire.ts';
import { ALICE, GatewayUnderTest, until } from '../gateway-under-test.ts';
import { belowClient, logIn, sendPayload } from '../raw-protocol.ts';

/**
 * The login grace of this file, enough for an honest login on a busy machine. A byte comes every 500 ms, so that none is done with even
 * its version line of 60 bytes.
 */
const GRACE = 20_000;
const DRIP = 500;
const VERSION = Buffer.from(`SSH-2.0-slow ${'.'.repeat(45)}\r\n`);
const KEX_INIT = packet(encode(kexInit()));
const ECDH_INIT = packet(encode(KEX_ECDH_INIT));

/** The header of an encrypted packet of aes128-gcm, and more of it. */
const ENCRYPTED = Buffer.concat([encode([uint32(256)]), Buffer.alloc(256)]);

type Place = (port: number) => Promise<{ socket: Socket; rest: Buffer }>;

async function tcp(port: number, first: Buffer): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.resume();
  if (first.length > 0) socket.write(first);
  return socket;
}

async function afterKeyExchange(port: number): Promise<{ client: ssh2.Client; socket: Socket }> {
  const socket = await tcp(port, Buffer.alloc(0));
  const client = new ssh2.Client().on('error', () => {});
  const done = Promise.race([
    once(client, 'handshake'),
    once(socket, 'close').then(() => Promise.reject(new Error('cut off before its key exchange was over'))),
  ]);
  const algorithms = { cipher: ['aes128-gcm@openssh.com' as const] };
  // It must not be the client that gives up.
  client.connect({ sock: socket, username: 'alice', authHandler: () => {}, algorithms, readyTimeout: 0 });
  await done;
  return { client, socket };
}

const PLACES: readonly (readonly [string, Place])[] = [
  ['the version line', async (port) => ({ socket: await tcp(port, Buffer.alloc(0)), rest: VERSION })],
  ['KEXINIT', async (port) => ({ socket: await tcp(port, VERSION), rest: KEX_INIT })],
  [
    'the key exchange',
    async (port) => ({ socket: await tcp(port, Buffer.concat([VERSION, KEX_INIT])), rest: ECDH_INIT }),
  ],
  [
    'the first encrypted packet',
    async (port) => ({ socket: (await afterKeyExchange(port)).socket, rest: ENCRYPTED }),
  ],
  [
    'authentication',
    async (port) => {
      const { client, socket } = await afterKeyExchange(port);
      belowClient(client)._protocol._handlers.USERAUTH_FAILURE = () => {};
      sendPayload(client, encode([byte(50), string('alice'), string('ssh-connection'), string('none')]));
      return { socket, rest: ENCRYPTED };
    },
  ],
];

// Most of it is waiting.
test.concurrent.each(PLACES)(
  'login grace: forty that send a byte at a time in %s are cut off, and a student comes in meanwhile',
  async (_, begin) => {
    await using it = await GatewayUnderTest.start({ limits: { loginTimeout: GRACE } });
    const began = Date.now();
    const slow = await Promise.all(Array.from({ length: 40 }, () => begin(it.gateway.address.port)));
    let sent = 0;
    const drip = setInterval(() => {
      for (const { socket, rest } of slow) if (socket.writable) socket.write(rest.subarray(sent, sent + 1));
      sent += 1;
    }, DRIP);
    try {
      expect((await it.ssh([ALICE, 'echo in'])).stdout).toBe('in');
      await until(() => slow.every(({ socket }) => socket.destroyed), 60_000);
      // It was the time that ended them.
      expect(Date.now() - began).toBeGreaterThan(GRACE / 2);
    } finally {
      clearInterval(drip);
    }
  },
);

test('a version line that comes byte by byte, and not too slowly, is a version line', async () => {
  await using it = await GatewayUnderTest.start();
  const socket = connect({ host: '127.0.0.1', port: it.gateway.address.port, noDelay: true });
  const heard: Buffer[] = [];
  socket.on('data', (data: Buffer) => heard.push(data));
  for (const letter of VERSION) {
    socket.write(Buffer.from([letter]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The gateway's own KEXINIT comes once it has read the line.
  await until(() => Buffer.concat(heard).includes('curve25519-sha256'));
  socket.destroy();
});

test.each(['GET / HTTP/1.1\r\n', 'hello\r\nSSH-2.0-x\r\n', '\r\n', 'SSH-1.5-old\r\n', '\0\0\0\0\n'])(
  'garbage before the version line, %j: the connection is ended at once',
  async (garbage) => {
    await using it = await GatewayUnderTest.start();
    // It does not go by itself.
    const socket = connect({ host: '127.0.0.1', port: it.gateway.address.port, allowHalfOpen: true });
    socket.on('error', () => {});
    socket.resume();
    socket.write(garbage);
    await until(() => socket.destroyed || !socket.readable);
    // And is not listened to any longer.
    const more = setInterval(() => socket.write('more'), 100);
    await until(() => socket.destroyed).finally(() => clearInterval(more));
  },
);

test('who is sent away after the login and does not go is cut off', async () => {
  await using it = await GatewayUnderTest.start();
  const client = await logIn(it);
  client.on('error', () => {});
  await until(() => it.workspaces.holders.size === 1);
  // Its own end of the connection does not notice the good-bye. ssh2 says it for a service that there is not, and reads on.
  belowClient(client)._sock.pause();
  const busy = setInterval(() => sendPayload(client, encode([byte(2), string('still here')])), 100);
  sendPayload(client, encode([byte(5), string('no-such-service')]));
  await until(() => it.workspaces.holders.size === 0).finally(() => clearInterval(busy));
  client.destroy();
});

test('keep-alives: a client that reads nothing any more is given up', async () => {
  await using it = await GatewayUnderTest.start({ limits: { keepaliveInterval: 200, keepaliveCount: 3 } });
  const client = await logIn(it);
  client.on('error', () => {});
  await until(() => it.workspaces.holders.size === 1);
  const { _sock } = belowClient(client);
  _sock.pause();
  await until(() => it.workspaces.holders.size === 0);
});

test('key exchanges: who asks for one after the other is cut off, and a transfer with many is not', async () => {
  await using it = await GatewayUnderTest.start();
  const client = await logIn(it);
  client.on('error', () => {});
  const closed = new Promise<string>((resolve) => client.once('close', () => resolve('closed')));
  let rekeys = 0;
  for (; rekeys < 300; rekeys++) {
    const renewed = new Promise<string>((resolve) => client.once('handshake', () => resolve('renewed')));
    belowClient(client)._protocol.rekey();
    if ((await Promise.race([renewed, closed])) === 'closed') break;
  }
  expect(rekeys).toBeGreaterThan(50);
  expect(rekeys).toBeLessThan(300);

  const sent = Buffer.alloc(10_000_000, 'rekey');
  const { stdout } = await it.sshBytes(['-o', 'RekeyLimit=256K', ALICE, 'cat'], { input: sent });
  expect(sent.equals(stdout)).toBe(true);
});

test('answers that wait for a key exchange which the client leaves unanswered are bounded', async () => {
  await using it = await GatewayUnderTest.start({ limits: { rekeyBytes: 1_000 } });
  const client = await logIn(it);
  client.on('error', () => {});
  const { _sock } = belowClient(client);
  _sock.pause();
  const request = encode([byte(80), string('keepalive@openssh.com'), byte(1)]);
  const { promise, resolve } = Promise.withResolvers<void>();
  const pour = setInterval(() => {
    if (it.workspaces.holders.size === 0) resolve();
    for (let n = 0; n < 2_000 && _sock.writable; n++) sendPayload(client, request);
  }, 50);
  await promise.finally(() => clearInterval(pour));
});
