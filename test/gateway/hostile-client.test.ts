import { existsSync } from 'node:fs';
import type { ClientChannel } from 'ssh2';
import { expect, test } from 'vitest';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { below, belowClient, logIn } from './raw-protocol.ts';

test('one that wants its data in pieces of no size is cut off, and nobody else notices', async () => {
  await using it = await GatewayUnderTest.start();
  const client = await logIn(it);
  client.on('error', () => {});
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  belowClient(client)._protocol.session(0, 2_000_000, 0);
  await closed;
  expect((await it.ssh([ALICE, 'echo in'])).stdout).toBe('in');
  await until(() => it.workspaces.holders.size === 0);
});

test('one that opens a window of 2 GiB and reads nothing makes the command wait', async () => {
  await using it = await GatewayUnderTest.start();
  const client = await logIn(it);
  const done = `${it.folder}/done`;
  const channel = await new Promise<ClientChannel>((resolve, reject) =>
    client.exec(`head -c 500000000 /dev/zero; touch ${done}`, (error, stream) =>
      error ? reject(error) : resolve(stream),
    ),
  );
  const { client: raw, id } = below(channel);
  raw._protocol.channelWindowAdjust(id, 2 ** 31);
  raw._sock.pause();
  // Long enough for all of it.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(existsSync(done)).toBe(false);
  client.destroy();
  await until(() => it.workspaces.holders.size === 0);
});

test('one that opens and closes sessions without end keeps getting answers', async () => {
  await using it = await GatewayUnderTest.start({ limits: { channelsPerConnection: 2 } });
  const client = await logIn(it);
  for (let n = 0; n < 30; n++) {
    const code = await new Promise((resolve, reject) =>
      client.exec(`exit ${n}`, (error, stream) =>
        error ? reject(error) : stream.once('exit', resolve).resume(),
      ),
    );
    expect(code).toBe(n);
  }
  client.end();
});
