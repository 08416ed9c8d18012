import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import ssh2, { type ServerChannel } from 'ssh2';
import { expect, test } from 'vitest';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { below, type RawProtocol } from './raw-protocol.ts';

/** No divisor of a window, so that it is overrun and not met. */
const CHUNK = Buffer.alloc(30_000);

/** An SSH server in the container's place that lets everybody in and then does `onExec`. */
async function withServer(
  it: GatewayUnderTest,
  onExec: (channel: ServerChannel) => void,
): Promise<Disposable> {
  const hostKey = await readFile(join(it.folder, 'inner_host_key'), 'utf8');
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec) => onExec(acceptExec()));
    });
  });
  const path = join(it.folder, 'hostile.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  it.workspaces.openSshd = async () => ({ stream: connect(path), diagnostics: () => '' });
  return { [Symbol.dispose]: () => void server.close() };
}

test.each([
  ['stdout', (protocol: RawProtocol, id: number) => protocol.channelData(id, CHUNK)],
  ['stderr', (protocol: RawProtocol, id: number) => protocol.channelExtData(id, CHUNK, 1)],
])(
  'one that sends %s beyond the window loses its connection, and nobody keeps the bytes',
  async (_, send) => {
    await using it = await GatewayUnderTest.start();
    let sent = 0;
    using _server = await withServer(it, (channel) => {
      const { client, id } = below(channel);
      // 400 MB if nobody stops it.
      for (; sent < 400_000_000 && !channel.destroyed; sent += CHUNK.length) {
        try {
          send(client._protocol, id);
        } catch {
          return;
        }
      }
    });
    const { exitCode, stdout, stderr } = await it.sshBytes([ALICE, 'flood']);
    expect(exitCode).toBe(254);
    expect(Buffer.from(stderr).toString()).toContain('connection to your container was lost');
    expect(stdout.length + stderr.length).toBeLessThan(200_000_000);
  },
);

test('one that fills stdout and sips at stderr gets no more window than there is room', async () => {
  await using it = await GatewayUnderTest.start();
  let written = 0;
  using _server = await withServer(it, (channel) => {
    const pour = (): void => {
      channel.stderr.write('.');
      channel.write(CHUNK, () => {
        written += CHUNK.length;
        setImmediate(pour);
      });
    };
    pour();
  });
  const client = it.spawn([ALICE, 'flood']);
  await once(client.stdout, 'readable');
  client.kill('SIGSTOP');
  await until(() => written > 1_000_000);
  // Long enough for hundreds of megabytes.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  client.kill('SIGKILL');
  expect(written).toBeLessThan(40_000_000);
});
