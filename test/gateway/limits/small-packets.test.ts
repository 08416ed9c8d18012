import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bool, byte, encode, string, uint32 } from '../fuzz/wire.ts';
import { until } from '../gateway-under-test.ts';
import { BIG } from '../hostile/attack.ts';
import { MESSAGE } from '../hostile/packets.ts';
import { gatewaysNumberOf, Peer } from '../hostile/peer.ts';
import { belowClient, sendPayload } from '../raw-protocol.ts';
import { GatewayProcess, type Hostile, isHeard, pour } from './gateway-process.ts';

// A window of 2 MiB is two million packets of a byte, and an object for each is a hundred times its byte.

/** Packets of a byte; fewer than fit into a window. */
const PACKETS = 150_000;

/** The first of them come among others that say nothing, each in another piece from the network, which is not to be kept for its sake. */
const AMONG_OTHERS = 250;

/** What the gateway may keep of them, and some garbage beside it; bytes. */
const MOST_HELD = 4 * 2 ** 20;

/** A gateway that is to take all may be busy for so long; ms. */
const PATIENCE = 60_000;

/** More than an sshd takes for a program that reads nothing: its window and a pipe; less than that and what is under way. */
const FILLS_SSHD = 2_180_000;

let folder: string;
let gateway: GatewayProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'small-packets-'));
  gateway = await GatewayProcess.start({ rekeyBytes: 2 ** 31 });
  await gateway.student();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const session = (window: number) =>
  encode([byte(MESSAGE.channelOpen), string('session'), uint32(0), uint32(window), uint32(32_768)]);
const exec = (command: string) =>
  encode([byte(MESSAGE.channelRequest), uint32(0), string('exec'), bool(false), string(command)]);
const data = (bytes: Buffer) => encode([byte(MESSAGE.channelData), uint32(0), string(bytes)]);

/** What comes, on standard output and on standard error. */
function received({ client }: Hostile): { readonly out: () => Buffer; readonly err: () => Buffer } {
  const { _handlers } = belowClient(client)._protocol;
  const collect = (handler: string) => {
    const chunks: Buffer[] = [];
    _handlers[handler] = (_protocol, _channel, chunk) => {
      if (Buffer.isBuffer(chunk)) chunks.push(Buffer.from(chunk));
    };
    return () => Buffer.concat(chunks);
  };
  return { out: collect('CHANNEL_DATA'), err: collect('CHANNEL_EXTENDED_DATA') };
}

/** Each byte tells which one it is, so that none can be lost or come before its time. */
const numbered = (at: number): number => at % 251;

async function heldSince(before: number): Promise<number> {
  const held = (await gateway.measure()).held - before;
  process.stdout.write(`packets of a byte: ${Math.round(held / 1_000)} kB are held\n`);
  return held;
}

test('a client that sends byte by byte to a program that does not read', async () => {
  const go = join(folder, 'go');
  const hostile = await gateway.client('ready');
  const output = received(hostile);
  sendPayload(hostile.client, session(2 ** 21));
  sendPayload(hostile.client, exec(`timeout 150 sh -c "until [ -e ${go} ]; do sleep 0.1; done"; wc -c`));
  await pour(hostile, data(Buffer.alloc(10_000, 'x')), FILLS_SSHD / 10_000, PATIENCE);
  await isHeard(hostile);
  const { held } = await gateway.measure();

  expect(await pour(hostile, data(Buffer.from('x')), PACKETS, PATIENCE)).toBe(PACKETS);
  await isHeard(hostile);
  expect(await heldSince(held)).toBeLessThan(MOST_HELD);

  await writeFile(go, '');
  sendPayload(hostile.client, encode([byte(MESSAGE.eof), uint32(0)]));
  await until(() => output.out().includes('\n'));
  expect(output.out().toString()).toBe(`${FILLS_SSHD + PACKETS}\n`);
  hostile.socket.destroy();
});

test("a container's server that sends byte by byte to a client that does not read", async () => {
  const flooded = Promise.withResolvers<void>();
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519').private;
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    const peer = new Peer(connection);
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec) => void flood(peer, gatewaysNumberOf(acceptExec())));
    });
  });
  async function flood(peer: Peer, id: number): Promise<void> {
    for (let sent = 0; sent < PACKETS / 2; sent += 1) {
      peer.send(MESSAGE.channelData, id, Buffer.from([numbered(sent)]));
      peer.send(MESSAGE.extendedData, id, 1, Buffer.from([numbered(sent)]));
      if (sent < AMONG_OTHERS) for (let n = 0; n < 4; n += 1) peer.send(MESSAGE.ignore, BIG);
      if (peer.socket.writableNeedDrain) await once(peer.socket, 'drain');
    }
    await peer.isHeard();
    flooded.resolve();
  }
  const path = join(folder, 'hostile.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await gateway.fallFor(path);
  const hostile = await gateway.client('ready');
  const output = received(hostile);
  const { held } = await gateway.measure();

  sendPayload(hostile.client, session(0));
  sendPayload(hostile.client, exec('flood'));
  await flooded.promise;
  expect(await heldSince(held)).toBeLessThan(MOST_HELD);

  sendPayload(hostile.client, encode([byte(MESSAGE.windowAdjust), uint32(0), uint32(2 ** 31)]));
  const sent = Buffer.from(Array.from({ length: PACKETS / 2 }, (_, at) => numbered(at)));
  for (const stream of [output.out, output.err]) {
    await until(() => stream().length >= sent.length);
    expect(stream().equals(sent)).toBe(true);
  }
  hostile.socket.destroy();
  server.close();
});
