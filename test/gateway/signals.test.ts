import { once } from 'node:events';
import ssh2, { type ClientChannel, type ExecOptions } from 'ssh2';
import { expect, test } from 'vitest';
import { exec } from './exec.ts';
import { GatewayUnderTest, until } from './gateway-under-test.ts';
import { logIn } from './raw-protocol.ts';
import { recordInner } from './recording-server.ts';
import { asStudent } from './student-sshd.ts';

const PTY: ExecOptions = { pty: { cols: 80, rows: 24, term: 'xterm' } };

/** Whether the gateway says yes. */
function ask(stream: ClientChannel, type: string, data: Buffer): Promise<boolean> {
  return new Promise((resolve) => ssh2.Client.request.other(stream, type, data, (error) => resolve(!error)));
}

function text(name: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(name.length);
  return Buffer.concat([size, Buffer.from(name)]);
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

test("what comes while the container's sshd starts a command waits for it", async () => {
  await using it = await GatewayUnderTest.start();
  const starting = Promise.withResolvers<void>();
  using inner = await recordInner(it, { starting: starting.promise });
  const client = await logIn(it);
  const stream = await exec(client, 'cat', PTY);
  await until(() => inner.notes.includes('exec'));
  stream.setWindow(30, 100, 0, 0);
  stream.setWindow(44, 120, 0, 0);
  stream.signal('USR1');
  stream.signal('TERM');
  stream.eow();
  // All of it is there: answers come in the order of the requests.
  expect(await ask(stream, 'break', breakOf(700))).toBe(true);
  starting.resolve();
  await until(() => inner.notes.length >= 7);
  expect(inner.notes).toEqual([
    'pty 80x24',
    'exec',
    'size 120x44',
    'signal USR1',
    'signal TERM',
    'break 700',
    'reads no more',
  ]);
  client.end();
});

test('what comes while the container is not ready waits for the command', async () => {
  await using it = await GatewayUnderTest.start();
  const ready = Promise.withResolvers<void>();
  using inner = await recordInner(it, { ready: ready.promise });
  const client = await logIn(it);
  const stream = await exec(client, 'cat', PTY);
  stream.setWindow(44, 120, 0, 0);
  stream.signal('INT');
  expect(await ask(stream, 'break', breakOf(0))).toBe(true);
  ready.resolve();
  await until(() => inner.notes.length >= 4);
  expect(inner.notes).toEqual(['pty 120x44', 'exec', 'signal INT', 'break 0']);
  client.end();
});

test('a signal before there is a command is refused, as sshd refuses it', async () => {
  await using it = await GatewayUnderTest.start();
  using inner = await recordInner(it);
  const client = await logIn(it);
  const stream = await new Promise<ClientChannel>((resolve, reject) =>
    client.openSession((error, opened) => (error ? reject(error) : resolve(opened))),
  );
  expect(await ask(stream, 'signal', text('TERM'))).toBe(false);
  await new Promise<void>((resolve, reject) =>
    ssh2.Client.request.exec(stream, 'cat', {}, (error) => (error ? reject(error) : resolve())),
  );
  expect(await ask(stream, 'signal', text('INT'))).toBe(true);
  await until(() => inner.notes.includes('signal INT'));
  expect(inner.notes).toEqual(['exec', 'signal INT']);
  client.end();
});
