import { once } from 'node:events';
import ssh2, { type ClientChannel, type ExecOptions } from 'ssh2';
import { expect, test } from 'vitest';
import { GatewayUnderTest, until } from './gateway-under-test.ts';
import { logIn } from './raw-protocol.ts';
import { recordInner } from './recording-server.ts';
import { asStudent } from './student-sshd.ts';

const PTY: ExecOptions = { pty: { cols: 80, rows: 24, term: 'xterm' } };

function exec(client: ssh2.Client, command: string, options: ExecOptions = {}): Promise<ClientChannel> {
  return new Promise((resolve, reject) =>
    client.exec(command, options, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
}

/** Whether the gateway says yes. */
function ask(stream: ClientChannel, type: string, data: Buffer): Promise<boolean> {
  return new Promise((resolve) => ssh2.Client.request.other(stream, type, data, (error) => resolve(!error)));
}

function breakOf(length: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(length);
  return data;
}

test.each([
  ['while its input is open', 'echo ready'],
  ['after the end of its input', 'cat; echo ready'],
])('a signal reaches the command %s', async (_, beginning) => {
  await using it = await GatewayUnderTest.start();
  await asStudent(it);
  const client = await logIn(it);
  const command = `trap "echo caught; exit 3" USR1; ${beginning}; while :; do sleep 0.1; done`;
  const stream = await exec(client, command);
  let seen = '';
  stream.on('data', (chunk: Buffer) => {
    seen += String(chunk);
  });
  if (beginning.startsWith('cat')) stream.end('all of it\n');
  await until(() => seen.endsWith('ready\n'));
  const exited = once(stream, 'exit');
  stream.signal('USR1');
  expect(await exited).toEqual([3]);
  await until(() => seen.endsWith('ready\ncaught\n'));
  client.end();
});

test('signals, breaks and sizes follow the end of the input', async () => {
  await using it = await GatewayUnderTest.start();
  using inner = await recordInner(it);
  const client = await logIn(it);
  const stream = await exec(client, 'cat', PTY);
  stream.end();
  await until(() => inner.notes.includes('eof'));
  stream.signal('TERM');
  expect(await ask(stream, 'break', breakOf(500))).toBe(true);
  stream.setWindow(44, 120, 0, 0);
  await until(() => inner.notes.includes('size 120x44'));
  expect(inner.notes).toEqual(['pty 80x24', 'exec', 'eof', 'signal TERM', 'break 500', 'size 120x44']);
  client.end();
});
