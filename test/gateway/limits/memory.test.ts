import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bool, byte, encode, string, uint32 } from '../fuzz/wire.ts';
import { until } from '../gateway-under-test.ts';
import { belowClient, sendPayload } from '../raw-protocol.ts';
import {
  GatewayProcess,
  type Hostile,
  isEnded,
  isHeard,
  pour,
  pourBytes,
  pourEach,
} from './gateway-process.ts';

const MIB = 2 ** 20;

/** How much more than it may hold the gateway may have had at the worst of an attack, as garbage is collected later; bytes. */
const MARGIN = 160 * MIB;

/** More than that, in pieces, to who would take it all. */
const PIECE = Buffer.alloc(64 * 1024, 'a');
const PIECES = 4_800;

/** What the gateway may hold while an attack goes on; bytes. 50,000 messages that it keeps are more. */
const LITTLE = 4 * MIB;

/** The same where its own limits allow more: variables of 256 sessions; answers that wait, each an object; unread output of 20 channels, 5 MiB each. */
const ENVIRONMENTS = (32 + 8) * MIB;
const UNREAD_ANSWERS = 24 * MIB;
const UNREAD_OUTPUT = 20 * 7 * MIB;

const mib = (bytes: number): string => (bytes / MIB).toFixed(1);

let folder: string;
let gateway: GatewayProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'memory-'));
  gateway = await GatewayProcess.start({ rekeyBytes: 2 ** 31 });
  await gateway.student();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const GLOBAL_REQUEST = encode([byte(80), string('keepalive@openssh.com'), bool(true)]);
const SESSION = (window = 2 ** 21) =>
  encode([byte(90), string('session'), uint32(0), uint32(window), uint32(32_768)]);
const request = (type: string, ...rest: Parameters<typeof encode>[0]) =>
  encode([byte(98), uint32(0), string(type), bool(true), ...rest]);

/** Requests whose answers fit into no socket's buffers, which are 36 MB together where Linux is told to allow it. */
const MORE_THAN_BUFFERS = 3_000_000;

const IDENT = Buffer.from('SSH-2.0-x\r\n');

/** What ends with the connection cut off. */
const CUT_OFF: [string, () => Promise<Hostile['socket']>][] = [
  [
    'a version line of 300 MB without an end',
    async () => {
      const socket = await gateway.connect();
      await pourBytes(socket, PIECE, PIECES);
      return socket;
    },
  ],
  ...[2 ** 31, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 20, 2 ** 18 + 1, 0].map(
    (length): [string, () => Promise<Hostile['socket']>] => [
      `a packet that says it has ${length} bytes, and comes`,
      async () => {
        const socket = await gateway.connect();
        socket.write(Buffer.concat([IDENT, encode([uint32(length)])]));
        await pourBytes(socket, PIECE, PIECES);
        return socket;
      },
    ],
  ),
  [
    'an encrypted packet that says it has 2 GiB, and comes',
    async () => {
      const { socket } = await gateway.client('ready', {
        algorithms: { cipher: ['aes128-gcm@openssh.com'] },
      });
      socket.write(encode([uint32(2 ** 31 - 16)]));
      await pourBytes(socket, PIECE, PIECES);
      return socket;
    },
  ],
  [
    'answers to no question, 30 million by their own account',
    async () => {
      const hostile = await gateway.client('handshake');
      const ask = [byte(50), string('alice'), string('ssh-connection'), string('keyboard-interactive')];
      // In one piece with the answers, which then come while it is open.
      hostile.socket.cork();
      sendPayload(hostile.client, encode([...ask, string(''), string('')]));
      sendPayload(hostile.client, encode([byte(61), uint32(30_000_000)]));
      hostile.socket.uncork();
      return hostile.socket;
    },
  ],
  [
    'global requests before the login, their answers unread',
    async () => {
      const hostile = await gateway.client('handshake');
      hostile.socket.pause();
      await pour(hostile, GLOBAL_REQUEST, 200_000);
      return hostile.socket;
    },
  ],
  [
    'logins with one key after the other, their answers unread',
    async () => {
      const hostile = await gateway.client('handshake');
      hostile.socket.pause();
      const key = encode([string('ssh-ed25519'), string(Buffer.alloc(32, 1))]);
      const ask = [byte(50), string('alice'), string('ssh-connection'), string('publickey')];
      await pour(hostile, encode([...ask, bool(false), string('ssh-ed25519'), string(key)]), 10_000);
      return hostile.socket;
    },
  ],
  [
    'a compressed packet of 30 MB',
    async () => {
      const hostile = await gateway.client('ready', { algorithms: { compress: ['zlib@openssh.com'] } });
      await pour(hostile, encode([byte(2), string(Buffer.alloc(30_000_000))]), 1);
      return hostile.socket;
    },
  ],
  [
    'a terminal with 30 kB of modes',
    async () => {
      const hostile = await gateway.client('ready');
      sendPayload(hostile.client, SESSION());
      const sizes = [uint32(80), uint32(24), uint32(0), uint32(0)];
      const modes = string(Buffer.alloc(30_000, 3));
      await pour(hostile, request('pty-req', string('xterm'), ...sizes, modes), 2_000);
      return hostile.socket;
    },
  ],
  [
    'a window that grows beyond 4 GiB',
    async () => {
      const hostile = await gateway.client('ready');
      sendPayload(hostile.client, SESSION());
      sendPayload(hostile.client, request('exec', string('head -c 100000000 /dev/zero; sleep 100')));
      await pour(hostile, encode([byte(93), uint32(0), uint32(2 ** 32 - 1)]), 2);
      return hostile.socket;
    },
  ],
];

test.each(CUT_OFF)('%s: the connection is ended, and memory stays', async (_, attack) => {
  const before = await gateway.begin();
  const socket = await attack();
  expect(await isEnded(socket)).toBe(true);
  expect(await gateway.student()).toBe('in\n');
  expect((await gateway.measure()).peak - before.rss).toBeLessThan(MARGIN);
});

/**
 * What a client may do, though nobody needs it, and how much the gateway may hold meanwhile. What needs most comes last: the process
 * keeps what it once had, and later attacks would find it there.
 */
const BORNE: [string, number, (hostile: Hostile) => Promise<unknown>][] = [
  [
    '100,000 variables',
    LITTLE,
    async (hostile) => {
      let accepted = 0;
      const { _handlers } = belowClient(hostile.client)._protocol;
      _handlers.CHANNEL_FAILURE = () => {};
      _handlers.CHANNEL_SUCCESS = () => {
        accepted += 1;
      };
      sendPayload(hostile.client, SESSION());
      const value = string('x'.repeat(100));
      await pourEach(hostile, (n) => request('env', string(`NAME${n}`), value), 100_000);
      await isHeard(hostile);
      expect(accepted).toBe(256);
    },
  ],
  ['50,000 channels that are opened', LITTLE, async (hostile) => await pour(hostile, SESSION(), 50_000)],
  ['50,000 global requests', LITTLE, async (hostile) => await pour(hostile, GLOBAL_REQUEST, 50_000)],
  [
    '50,000 messages that are to be ignored',
    LITTLE,
    async (hostile) => await pour(hostile, encode([byte(2), string('x'.repeat(100))]), 50_000),
  ],
  [
    '50,000 debug messages',
    LITTLE,
    async (hostile) =>
      await pour(hostile, encode([byte(4), bool(true), string('x'.repeat(100)), string('')]), 50_000),
  ],
  [
    'global requests whose answers are not read',
    UNREAD_ANSWERS,
    async (hostile) => {
      hostile.socket.pause();
      expect(await pour(hostile, GLOBAL_REQUEST, MORE_THAN_BUFFERS)).toBeLessThan(MORE_THAN_BUFFERS);
    },
  ],
  [
    'channels that are opened by one who reads no answer',
    UNREAD_ANSWERS,
    async (hostile) => {
      hostile.socket.pause();
      expect(await pour(hostile, SESSION(), MORE_THAN_BUFFERS)).toBeLessThan(MORE_THAN_BUFFERS);
    },
  ],
  [
    'the output of 20 commands into windows of 4 GiB that nobody reads',
    UNREAD_OUTPUT,
    async ({ client, socket }) => {
      socket.pause();
      for (let channel = 0; channel < 20; channel++) {
        sendPayload(client, SESSION(2 ** 32 - 1));
        const command = string(`touch ${folder}/${channel}; head -c 100000000 /dev/zero`);
        sendPayload(client, encode([byte(98), uint32(channel), string('exec'), bool(false), command]));
      }
      await until(async () => (await readdir(folder)).length === 20);
      // Long enough for much of the 2 GB.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    },
  ],
  [
    '256 sessions full of variables that start nothing',
    ENVIRONMENTS,
    async (hostile) => {
      for (let channel = 0; channel < 256; channel++) {
        sendPayload(hostile.client, SESSION());
        for (let n = 0; n < 40; n++) {
          const variable = [string(`N${n}`), string('x'.repeat(32_000))];
          await pour(
            hostile,
            encode([byte(98), uint32(channel), string('env'), bool(false), ...variable]),
            1,
          );
        }
      }
    },
  ],
];

test.each(BORNE)('%s: memory stays, and others are served', async (name, mostHeld, attack) => {
  const before = await gateway.begin();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => until(async () => (await gateway.measure()).holders === 0));
  const hostile = await gateway.client('ready');
  stack.defer(() => void hostile.socket.destroy());
  belowClient(hostile.client)._protocol._handlers.CHANNEL_OPEN_FAILURE = () => {};
  await attack(hostile);
  expect(await gateway.student()).toBe('in\n');
  if (!hostile.socket.isPaused()) await isHeard(hostile);
  const { peak, held } = await gateway.measure();
  process.stdout.write(
    `${name}: at most ${mib(peak - before.rss)} MiB more, ${mib(held - before.held)} MiB are held\n`,
  );
  expect(peak - before.rss).toBeLessThan(MARGIN + mostHeld);
  expect(held - before.held).toBeLessThan(mostHeld);
});

test('1,000 connections that never log in: no more than the limit, memory stays, and a student comes in', async () => {
  const before = await gateway.begin();
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => gateway.connect()));
  for (const socket of sockets) {
    socket.resume();
    socket.write('SSH-2.0-');
  }
  await until(() => sockets.filter((socket) => !socket.destroyed).length <= 256);
  expect(await gateway.student()).toBe('in\n');
  expect((await gateway.measure()).peak - before.rss).toBeLessThan(MARGIN);
  for (const socket of sockets) socket.destroy();
});
