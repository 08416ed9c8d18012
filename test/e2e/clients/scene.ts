import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { docker } from '../harness/docker.ts';
import { PATIENCE } from '../harness/eventually.ts';
import { Factory } from '../harness/factory.ts';
import { PLAIN_LAB } from '../harness/factory-files.ts';
import { LiveProgram } from '../harness/live-program.ts';
import { testProgram, testPython } from '../harness/set-up.ts';
import { RUN_LABEL } from '../harness/sweeper.ts';
import type { Client, Target } from './client.ts';
import { curl } from './curl.ts';
import { dropbear } from './dropbear.ts';
import { library } from './library.ts';
import { newerOpenSsh, openSsh } from './openssh.ts';
import { putty } from './putty.ts';

/** Its tags are Debian's releases. */
const CLIENTS_IMAGE = 'sshlab-testbed/ssh-clients';
const PROGRAMS = join(import.meta.dirname, 'programs');

/** Answers with the hash of what it got, once its client has ended its side. */
const HASH_SERVER = [
  'use Digest::SHA "sha256_hex"; use IO::Socket::INET; $| = 1;',
  '$s = IO::Socket::INET->new(Listen => 20, LocalAddr => "127.0.0.1", LocalPort => 0) or die $@;',
  'print "port ", $s->sockport, "\\n"; while ($c = $s->accept) { next if fork; local $/; print $c sha256_hex(scalar <$c>); exit }',
].join(' ');

/** A factory with one user, whose keys all clients have, and a machine for the clients of each Debian release. */
export class Scene implements AsyncDisposable {
  readonly factory: Factory;
  readonly target: Target;
  /** Of HASH_SERVER in the lab's container. */
  readonly portInside: number;
  readonly #stack: AsyncDisposableStack;

  private constructor(factory: Factory, target: Target, portInside: number, stack: AsyncDisposableStack) {
    this.factory = factory;
    this.target = target;
    this.portInside = portInside;
    this.#stack = stack;
  }

  static async open(): Promise<Scene> {
    await using stack = new AsyncDisposableStack();
    // Who leaves twenty questions in a row without an answer is gone.
    const config = { ssh: { listen: '127.0.0.1:0', keepalive: { interval: '1s', count: 20 } } };
    const factory = stack.use(await Factory.start({ labs: { plain: PLAIN_LAB }, config, grace: '1m' }));
    const alice = await factory.student('alice');
    const { home, publicKey } = alice;
    await execa('ssh-keygen', ['-q', '-t', 'rsa', '-b', '3072', '-N', '', '-f', join(home, 'rsa')]);
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'stranger')]);
    await factory.listKeys('alice', [publicKey, (await readFile(join(home, 'rsa.pub'), 'utf8')).trim()]);
    const fingerprint = await learnHostKeys(home, factory.endpoints.ssh.port);
    const inside = stack.use(alice.connect(`exec perl -e '${HASH_SERVER}'`));
    await inside.shows(/port \d+\n/);
    const portInside = Number(/port (\d+)/.exec(inside.output)?.[1]);
    const target = { port: factory.endpoints.ssh.port, user: 'alice', home, fingerprint };
    return new Scene(factory, target, portInside, stack.move());
  }

  /** All clients, each with the keys that it can read. */
  async clients(): Promise<readonly Client[]> {
    const [bookworm, trixie] = [await this.#machine('bookworm'), await this.#machine('trixie')];
    const python = await testPython();
    const clients = [
      openSsh('OpenSSH 9.2', bookworm),
      newerOpenSsh('OpenSSH 10', trixie),
      putty('0.78', bookworm),
      putty('0.83', trixie),
      dropbear('2022.83', bookworm),
      dropbear('2025.89', trixie),
      curl('7.88', bookworm),
      curl('8.14', trixie),
      library('Paramiko 5.1', [python, join(PROGRAMS, 'paramiko_client.py')]),
      library('AsyncSSH 2.24', [python, join(PROGRAMS, 'asyncssh_client.py')]),
      library('Go x/crypto 0.49', [await testProgram('go-ssh')]),
    ];
    for (const client of clients) {
      for (const key of ['id', 'rsa', 'stranger'])
        await this.#prepare(client, await ownKey(this.target.home, client, key));
    }
    return clients;
  }

  /** That client's own copy of the account: no two of them share the files of converted keys. */
  targetOf(client: Client): Target {
    return { ...this.target, home: join(this.target.home, folderOf(client)) };
  }

  async #prepare(client: Client, key: string): Promise<void> {
    const [file, ...args] = [...client.prefix, ...(client.prepare?.(this.targetOf(client), key) ?? [])];
    if (file === undefined || client.prepare === undefined) return;
    await execa(file, args, { timeout: PATIENCE });
  }

  /** A container on this machine's own network, with the homes at their paths; resolves with what comes before a command line. */
  async #machine(suite: string): Promise<readonly string[]> {
    const { home } = this.target;
    const run = this.factory.folder.split('/').at(-1);
    const own = join(home, suite);
    await mkdir(join(own, '.ssh'), { recursive: true });
    await writeFile(join(own, '.ssh/known_hosts'), await readFile(join(home, '.ssh/known_hosts')));
    const settings = [
      '--label',
      `${RUN_LABEL}=${run}`,
      '--volume',
      `${home}:${home}`,
      '--env',
      `HOME=${own}`,
    ];
    const image = `${CLIENTS_IMAGE}:${suite}`;
    const id = await docker(['run', '--detach', '--rm', '--init', '--network', 'host', ...settings, image]);
    this.#stack.defer(async () => void (await docker(['rm', '--force', id.trim()])));
    return ['docker', 'exec', '--interactive', id.trim()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function folderOf({ name }: Client): string {
  return name.replaceAll(/[^A-Za-z0-9]+/g, '-');
}

/** Copies a key, and what the client knows of hosts, into the client's own folder; resolves with the key's path there. */
async function ownKey(home: string, client: Client, key: string): Promise<string> {
  const own = join(home, folderOf(client));
  await mkdir(join(own, '.ssh'), { recursive: true });
  for (const file of [key, `${key}.pub`, '.ssh/known_hosts'])
    await writeFile(join(own, file), await readFile(join(home, file)), { mode: 0o600 });
  return join(own, key);
}

/** Writes known_hosts; resolves with the fingerprint of the ed25519 key. dropbear looks for a host without its port. */
async function learnHostKeys(home: string, port: number): Promise<string> {
  const { stdout } = await execa(
    'ssh-keyscan',
    ['-T', '60', '-t', 'ed25519', '-p', String(port), '127.0.0.1'],
    {
      timeout: PATIENCE,
    },
  );
  const [, type = '', key = ''] =
    stdout
      .split('\n')
      .find((line) => line.startsWith('['))
      ?.split(' ') ?? [];
  await mkdir(join(home, '.ssh'), { recursive: true });
  const names = [`[127.0.0.1]:${port}`, '127.0.0.1'];
  await writeFile(join(home, '.ssh/known_hosts'), names.map((name) => `${name} ${type} ${key}\n`).join(''));
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** The same server as HASH_SERVER, on this side. */
export async function listenHashing(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    socket.on('error', () => {});
    const got = await text(socket.setEncoding('latin1')).catch(() => '');
    socket.end(createHash('sha256').update(got, 'latin1').digest('hex'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A client that goes on beside the test. */
export function live({ prefix }: Client, words: readonly string[]): LiveProgram {
  const [file = '', ...args] = [...prefix, ...words];
  return new LiveProgram(file, args);
}
