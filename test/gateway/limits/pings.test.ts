import { expect, test } from 'vitest';
import { byte, encode, string } from '../fuzz/wire.ts';
import { compressSentAlone, sendPayload } from '../raw-protocol.ts';
import { GatewayProcess, pour } from './gateway-process.ts';

// The answer to a ping (OpenSSH's PROTOCOL 1.9) is as long as the ping: see ../pings.test.ts.

/** How much more the gateway may have had at its worst; bytes. */
const MARGIN = 160 * 2 ** 20;

/** How much more it may hold while the clients are there; bytes. Unbounded it was 322 MiB. */
const MOST_HELD = 64 * 2 ** 20;

const ping = (length: number) => encode([byte(192), string(Buffer.alloc(length))]);

test('pings whose answers are not read: the gateway reads no more of them, memory stays, and others are served', async () => {
  await using gateway = await GatewayProcess.start();
  await gateway.student();
  const before = await gateway.measure();
  const hostile = await gateway.client('ready');
  hostile.socket.pause();
  // 900 MB, far more than sockets' buffers.
  const many = 30_000;
  expect(await pour(hostile, ping(30_000), many)).toBeLessThan(many);
  expect(await gateway.student()).toBe('in\n');
  expect((await gateway.measure()).peak - before.peak).toBeLessThan(MARGIN);
  hostile.socket.destroy();
});

test('pings that 64 KiB hold 60 MB of, when they are unpacked: memory stays, and others are served', async () => {
  await using gateway = await GatewayProcess.start();
  await gateway.student();
  const before = await gateway.measure();
  for (let clients = 0; clients < 6; clients++) {
    const algorithms = { compress: ['zlib@openssh.com' as const] };
    const { client, socket } = await gateway.client('ready', { algorithms }, compressSentAlone);
    socket.pause();
    // In one piece, so that they are unpacked before anything can be done about it.
    socket.cork();
    for (let n = 0; n < 60; n++) sendPayload(client, ping(1_000_000));
    socket.uncork();
  }
  expect(await gateway.student()).toBe('in\n');
  // What was unpacked is garbage at once, and how much of that there is at a time is the collector's to say.
  expect((await gateway.measure()).held - before.held).toBeLessThan(MOST_HELD);
});
