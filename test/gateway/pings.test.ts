import { randomBytes } from 'node:crypto';
import type ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { byte, encode, string, uint32 } from './fuzz/wire.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { belowClient, logIn, sendPayload } from './raw-protocol.ts';

// OpenSSH's PROTOCOL 1.9: its clients send pings among the keys, so that nobody sees when one is pressed.

const IGNORE = 2;
const EXT_INFO = 7;
const KEXINIT = 20;
const PING = 192;
const PONG = 193;

const ping = (data: string | Buffer) => encode([byte(PING), string(data)]);
const pong = (data: string | Buffer) => encode([byte(PONG), string(data)]);

/** From now on, all messages of this type as they come. */
function heard(client: ssh2.Client, type: number): Buffer[] {
  const messages: Buffer[] = [];
  const { _protocol } = belowClient(client);
  const take = _protocol._onPayload;
  _protocol._onPayload = (payload) => {
    if (payload[0] === type) messages.push(Buffer.from(payload));
    return take(payload);
  };
  return messages;
}

test('a ping is announced, as OpenSSH does it', async () => {
  await using it = await GatewayUnderTest.start();
  let announced: Buffer[] = [];
  const client = await logIn(it, (client) => {
    announced = heard(client, EXT_INFO);
  });
  expect(announced).toHaveLength(1);
  expect(announced[0]?.includes(encode([string('ping@openssh.com'), string('0')]))).toBe(true);
  client.end();
});

test('each ping is answered with what it brought, in order', async () => {
  await using it = await GatewayUnderTest.start();
  let pongs: Buffer[] = [];
  const client = await logIn(it, (client) => {
    pongs = heard(client, PONG);
  });
  const sent = ['', 'one', randomBytes(200_000), 'two'];
  for (const data of sent) sendPayload(client, ping(data));
  await until(() => pongs.length === sent.length);
  expect(Buffer.concat(pongs).equals(Buffer.concat(sent.map(pong)))).toBe(true);
  client.end();
});

test('before the login a ping is passed over', async () => {
  await using it = await GatewayUnderTest.start();
  let pongs: Buffer[] = [];
  const client = await logIn(it, (client) => {
    pongs = heard(client, PONG);
    client.once('handshake', () => sendPayload(client, ping('before')));
  });
  sendPayload(client, ping('after'));
  await until(() => pongs.length > 0);
  expect(pongs).toEqual([pong('after')]);
  client.end();
});

test('so it is while the gateway waits for the keys of a client', async () => {
  await using it = await GatewayUnderTest.start({ limits: { rekeyBytes: 1_000 } });
  let pongs: Buffer[] = [];
  let letOn: (() => void) | undefined;
  const client = await logIn(it, (client) => {
    pongs = heard(client, PONG);
    const { _protocol } = belowClient(client);
    const take = _protocol._onPayload;
    _protocol._onPayload = (payload) => {
      if (payload[0] !== KEXINIT || letOn !== undefined) return take(payload);
      const kept = Buffer.from(payload);
      letOn = () => void take(kept);
      return undefined;
    };
  });
  sendPayload(client, encode([byte(IGNORE), string('x'.repeat(2_000))]));
  await until(() => letOn !== undefined);
  const renewed = new Promise((resolve) => client.once('handshake', resolve));
  sendPayload(client, ping('meanwhile'));
  letOn?.();
  await renewed;
  await until(() => {
    // One that comes upon the next exchange of keys is passed over as well.
    sendPayload(client, ping('after'));
    return pongs.length > 0;
  });
  expect(pongs[0]).toEqual(pong('after'));
  client.end();
});

test('one that ends early is the end of the connection, and of nobody else', async () => {
  await using it = await GatewayUnderTest.start();
  const client = await logIn(it);
  client.on('error', () => {});
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  sendPayload(client, encode([byte(PING), uint32(100)]));
  await closed;
  expect((await it.ssh([ALICE, 'echo in'])).stdout).toBe('in');
});
