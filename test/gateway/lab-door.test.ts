import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import ssh2, { type Connection, type SocketBindInfo } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { formatWorkspaceKey, type WorkspaceKey } from '../../src/names/workspace-key.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';

/** Answers each line with whose it is, and the word `bye` by ending. */
function answer(key: WorkspaceKey, stream: Duplex): void {
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => {
    if (chunk.toString() === 'bye\n') stream.end('bye\n');
    else stream.write(`${formatWorkspaceKey(key)}: ${chunk.toString()}`);
  });
}

const sockets = async (it: GatewayUnderTest) =>
  (await readdir(join(it.folder, 'door'))).map((name) => join(it.folder, 'door', name));

async function open(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}

/** sshd ends a moment after its client. */
const isClosed = (path: string) =>
  open(path).then(
    (socket) => !socket.destroy(),
    () => true,
  );

async function ask(socket: Socket, line: string): Promise<string> {
  socket.write(`${line}\n`);
  const [reply] = await once(socket, 'data');
  return String(reply);
}

/** A session that lasts until its input ends, with the socket that came with it. */
async function hold(it: GatewayUnderTest) {
  const before = await sockets(it);
  const client = it.spawn([ALICE, 'echo in; exec cat']);
  await once(client.stdout, 'data');
  const fresh = async () => (await sockets(it)).filter((path) => !before.includes(path));
  await until(async () => (await fresh()).length === 1);
  const [path = ''] = await fresh();
  return { client, path };
}

describe('over the sshd of a container', () => {
  test('what is said at the socket is answered for the workspace that it is in, until the session ends', async () => {
    await using it = await GatewayUnderTest.start({ door: answer });
    const { client, path } = await hold(it);
    const socket = await open(path);
    expect(await ask(socket, 'hello')).toBe('alice/k3s: hello\n');
    const other = await open(path);
    expect(await ask(other, 'again')).toBe('alice/k3s: again\n');
    client.stdin.end();
    await Promise.all([once(socket, 'close'), once(other, 'close'), once(client, 'close')]);
    await until(() => isClosed(path));
  });

  test('an answer of any size arrives whole, and its end as an end', async () => {
    const size = 5_000_000;
    await using it = await GatewayUnderTest.start({
      door: (_, stream) => {
        stream.on('error', () => {});
        // As an HTTP server ends one.
        stream.once('finish', () => stream.destroy());
        stream.once('data', () => stream.end(Buffer.alloc(size, 'a')));
      },
    });
    const { client, path } = await hold(it);
    const socket = await open(path);
    socket.write('all of it\n');
    expect((await text(socket)).length).toBe(size);

    const slow = await open(path);
    slow.write('all of it\n');
    let read = 0;
    for await (const chunk of slow) {
      read += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(read).toBe(size);
    client.stdin.end();
  });

  test('who goes is gone for the door, too', async () => {
    const streams: Duplex[] = [];
    await using it = await GatewayUnderTest.start({
      door: (key, stream) => {
        streams.push(stream);
        answer(key, stream);
      },
    });
    const { client, path } = await hold(it);
    const socket = await open(path);
    await ask(socket, 'hello');
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([false]);
    socket.destroy();
    await until(() => streams.every(({ destroyed }) => destroyed));
    client.stdin.end();
  });

  test('each session has its own; the end of one leaves the other', async () => {
    await using it = await GatewayUnderTest.start({ door: answer });
    const one = await hold(it);
    const other = await hold(it);
    const socket = await open(other.path);
    // One that has not spoken is ended after a while.
    expect(await ask(socket, 'hello')).toBe('alice/k3s: hello\n');
    one.client.stdin.end();
    await once(one.client, 'close');
    await until(() => isClosed(one.path));
    expect(await ask(socket, 'still here')).toBe('alice/k3s: still here\n');
    other.client.stdin.end();
  });

  test('so many at a time, and no more; one that ends makes room', async () => {
    // It is the number that ends the third, not its silence.
    const limits = { doorChannels: 2, doorSilence: 600_000 };
    await using it = await GatewayUnderTest.start({ door: answer, limits });
    const { client, path } = await hold(it);
    const first = await open(path);
    const second = await open(path);
    expect(await ask(first, '1')).toContain('1');
    expect(await ask(second, '2')).toContain('2');
    const third = await open(path);
    await once(third, 'close');
    first.destroy();
    await until(() => reaches(path));
    client.stdin.end();
  });

  test('one that says nothing is ended after a while; one that has spoken may then be silent', async () => {
    const silence = 3_000;
    await using it = await GatewayUnderTest.start({ door: answer, limits: { doorSilence: silence } });
    const { client, path } = await hold(it);
    // One whose word comes too late on a busy machine is ended as well.
    const talks = await poll(() => talking(path));
    await once(await open(path), 'close');
    expect(await ask(talks, 'still here')).toContain('still here');
    client.stdin.end();
  });
});

/** One that was answered, or undefined. */
async function talking(path: string): Promise<Socket | undefined> {
  const socket = await open(path);
  const answered = ask(socket, 'hello').then(() => true);
  const isAnswered = await Promise.race([answered, once(socket, 'close').then(() => false)]).catch(
    () => false,
  );
  if (isAnswered) return socket;
  socket.destroy();
  return undefined;
}

/** What there is at last. */
async function poll<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
  }
}

async function reaches(path: string): Promise<boolean> {
  const socket = await talking(path);
  socket?.destroy();
  return socket !== undefined;
}

test('a gateway without a door asks for no socket', async () => {
  await using it = await GatewayUnderTest.start();
  expect(await it.ssh([ALICE, 'echo in'])).toMatchObject({ stdout: 'in', exitCode: 0 });
  expect(await sockets(it)).toEqual([]);
});

type Answer = () => void;
type Forward = 'streamlocal-forward@openssh.com' | 'cancel-streamlocal-forward@openssh.com';

describe('over a program that is not sshd', () => {
  /** An SSH server that says it is OpenSSH; `onForward` gets the path that was asked for. Every command prints "in". */
  async function withServer(
    it: GatewayUnderTest,
    onForward: (connection: Connection, path: string, accept: () => void, reject: () => void) => void,
  ): Promise<Disposable> {
    const hostKey = await readFile(join(it.folder, 'inner_host_key'), 'utf8');
    const server = new ssh2.Server({ hostKeys: [hostKey], ident: 'OpenSSH_9.9' }, (connection) => {
      connection.on('error', () => {});
      connection.on('authentication', (context) => context.accept());
      connection.on(
        'request',
        (accept: Answer | undefined, reject: Answer, _: Forward, info: SocketBindInfo) =>
          onForward(connection, info.socketPath, () => accept?.(), reject),
      );
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec, _, { command }) => {
          const channel = acceptExec();
          channel.write('in\n');
          if (command === 'stay') return;
          channel.exit(0);
          channel.end();
        });
      });
    });
    const path = join(it.folder, 'hostile.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    it.workspaces.openSshd = async () => ({ stream: connect(path), diagnostics: () => '' });
    return { [Symbol.dispose]: () => void server.close() };
  }

  const openChannel = (connection: Connection, path: string) =>
    new Promise<'open' | 'refused'>((resolve) => {
      connection.openssh_forwardOutStreamLocal(path, (error) => resolve(error ? 'refused' : 'open'));
    });

  test.each([
    ['refuses it', (reject: () => void) => reject()],
    ['never answers', () => {}],
  ])('one that %s is no hindrance to a session', async (_, refuse) => {
    await using it = await GatewayUnderTest.start({ door: answer });
    using _server = await withServer(it, (_connection, _path, _accept, reject) => refuse(reject));
    expect(await it.ssh([ALICE, 'hello'])).toMatchObject({ stdout: 'in', exitCode: 0 });
  });

  test('channels for what was not asked for are refused, those for the socket are taken', async () => {
    await using it = await GatewayUnderTest.start({ door: answer });
    const { promise, resolve } = Promise.withResolvers<Record<string, string>>();
    using _server = await withServer(it, async (connection, path, accept) => {
      accept();
      const tried = ['/run/other.sock', 'constructor', '__proto__', '', path];
      const outcomes: Record<string, string> = {};
      for (const each of tried)
        outcomes[each === path ? 'own' : `"${each}"`] = await openChannel(connection, each);
      resolve(outcomes);
    });
    const client = it.spawn([ALICE, 'stay']);
    expect(await promise).toEqual({
      '"/run/other.sock"': 'refused',
      '"constructor"': 'refused',
      '"__proto__"': 'refused',
      '""': 'refused',
      own: 'open',
    });
    client.kill();
  });

  test('a flood of channels ends at the limit', async () => {
    let connected = 0;
    await using it = await GatewayUnderTest.start({ door: () => (connected += 1) });
    const { promise, resolve } = Promise.withResolvers<string[]>();
    using _server = await withServer(it, async (connection, path, accept) => {
      accept();
      resolve(await Promise.all(Array.from({ length: 500 }, () => openChannel(connection, path))));
    });
    const client = it.spawn([ALICE, 'stay']);
    const outcomes = await promise;
    expect(outcomes.filter((outcome) => outcome === 'open')).toHaveLength(16);
    expect(connected).toBe(16);
    client.kill();
  });
});
