import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addHostKey, removeHostKey, useHostKey } from '../../src/gateway/keys/host-key-orders.ts';
import { type HostKey, openHostKeys, readHostKeys } from '../../src/gateway/keys/host-keys.ts';
import { knownHostsLine } from '../../src/gateway/keys/published-host-keys.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { belowClient, logIn } from './raw-protocol.ts';

/** Each gateway has another port; by this name a client knows them all as one. */
const HOST = 'lab.example.org';

/** A client with a known_hosts file of its own, which knows nobody else. */
class Client {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  static async knowing(name: string, ...keys: readonly HostKey[]): Promise<Client> {
    const file = join(data, name);
    await writeFile(
      file,
      keys
        .map(lineOf)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return new Client(file);
  }

  async lines(): Promise<readonly string[]> {
    return (await readFile(this.#file, 'utf8')).trimEnd().split('\n').toSorted();
  }

  /** Stays until it knows exactly these keys. Resolves with what ssh said. */
  async stayUntilKnowing(
    it: GatewayUnderTest,
    keys: readonly HostKey[],
    ...more: readonly string[]
  ): Promise<string> {
    const ssh = spawn('ssh', [...more, ...this.#options(it), ALICE, 'cat']);
    let said = '';
    ssh.stderr.on('data', (text) => {
      said += text;
    });
    const ended = once(ssh, 'close');
    const wanted = keys.map(lineOf).toSorted().join();
    try {
      await until(async () => (await this.lines()).join() === wanted);
    } catch (cause) {
      throw new Error(`known: ${(await this.lines()).join('\n')}\nssh: ${said}`, { cause });
    } finally {
      ssh.stdin.end();
      await ended;
    }
    return said;
  }

  async run(it: GatewayUnderTest) {
    return await execa('ssh', [...this.#options(it), ALICE, 'echo in'], {
      reject: false,
      stdin: 'ignore',
      timeout: 60_000,
    });
  }

  /** ssh takes the first of each. */
  #options(it: GatewayUnderTest): string[] {
    const settings = {
      UserKnownHostsFile: this.#file,
      StrictHostKeyChecking: 'yes',
      UpdateHostKeys: 'yes',
      HostKeyAlias: HOST,
      LogLevel: 'INFO',
    };
    const own = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    return [...own, ...it.options(), '-p', it.port];
  }
}

function lineOf({ publicKey }: HostKey): string {
  return knownHostsLine({ host: HOST, port: 22 }, publicKey);
}

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'host-key-rotation-'));
  await openHostKeys(data);
});
afterAll(() => rm(data, { recursive: true }));

async function start(): Promise<GatewayUnderTest> {
  return await GatewayUnderTest.start({ hostKeys: await readHostKeys(data) });
}

test('clients learn the next key, and only those that never came are warned when it is used', async () => {
  const [old, rsa] = await readHostKeys(data);
  if (old === undefined || rsa === undefined) throw new Error('no keys');
  const alice = await Client.knowing('alice', old);
  const stranger = await Client.knowing('stranger', old);
  const next = await addHostKey(data, 'ed25519');
  {
    await using it = await start();
    await alice.stayUntilKnowing(it, [old, rsa, next]);
    expect((await alice.run(it)).stdout).toBe('in');
  }
  await useHostKey(data, next.publicKey.fingerprint);
  {
    await using it = await start();
    expect(await alice.run(it)).toMatchObject({ stdout: 'in', stderr: '', exitCode: 0 });
    const warned = await stranger.run(it);
    expect(warned.stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
    expect(warned.exitCode).toBe(255);
  }
  await removeHostKey(data, old.publicKey.fingerprint);
  {
    await using it = await start();
    await alice.stayUntilKnowing(it, [rsa, next]);
    expect(await alice.run(it)).toMatchObject({ stdout: 'in', stderr: '', exitCode: 0 });
  }
});

test.each(['rsa-sha2-512', 'rsa-sha2-256'])(
  'RSA keys are proven by %s where that was negotiated',
  async (algorithm) => {
    const further = await addHostKey(data, 'rsa');
    await using it = await start();
    const keys = await readHostKeys(data);
    const known = keys.filter(({ publicKey, isInUse }) => publicKey.type === 'ssh-rsa' && isInUse);
    const client = await Client.knowing(algorithm, ...known);
    await client.stayUntilKnowing(it, keys, '-o', `HostKeyAlgorithms=${algorithm},ssh-ed25519`);
    await removeHostKey(data, further.publicKey.fingerprint);
  },
);

test('ssh-keyscan sees the keys in use, of every type, and a line of known_hosts is enough to come in', async () => {
  const further = await addHostKey(data, 'ed25519');
  await using it = await start();
  const inUse = (await readHostKeys(data)).filter(({ isInUse }) => isInUse);
  const { stdout } = await execa('ssh-keyscan', ['-T', '30', '-p', it.port, '127.0.0.1']);
  const place = { host: '127.0.0.1', port: Number(it.port) };
  const lines = inUse.map(({ publicKey }) => knownHostsLine(place, publicKey));
  expect(stdout.split('\n').toSorted()).toEqual(lines.toSorted());
  for (const line of lines) {
    const file = join(data, 'handed-out');
    await writeFile(file, `${line}\n`);
    const strict = ['-o', `UserKnownHostsFile=${file}`, '-o', 'StrictHostKeyChecking=yes'];
    const args = [...strict, ...it.options(), '-p', it.port, ALICE, 'echo in'];
    expect((await execa('ssh', args, { stdin: 'ignore', timeout: 60_000 })).stdout).toBe('in');
  }
  await removeHostKey(data, further.publicKey.fingerprint);
});

/** Asks for proofs of keys, each in a request of its own; the replies, in the order in which they came. */
async function askForProofs(client: ssh2.Client, blobs: readonly Buffer[]): Promise<readonly string[]> {
  const { _protocol, _callbacks } = belowClient(client);
  const replies: string[] = [];
  for (const blob of blobs) {
    _callbacks.push((failed) => replies.push(failed === false ? 'proven' : 'refused'));
    _protocol.openssh_hostKeysProve([{ getPublicSSH: () => blob }]);
  }
  await until(() => replies.length === blobs.length);
  return replies;
}

test('replies keep the order of the requests, and each key is proven once, however often it is asked for', async () => {
  await using it = await start();
  const client = await logIn(it, (unready) => {
    // ssh2 would ask for all of them itself.
    belowClient(unready)._protocol._handlers.GLOBAL_REQUEST = () => {};
  });
  const blobs = (await readHostKeys(data)).map(({ publicKey }) => publicKey.blob).toReversed();
  const foreign = Buffer.from('a key');
  const mixed = blobs.flatMap((blob) => [blob, foreign]);
  expect(await askForProofs(client, mixed)).toEqual(blobs.flatMap(() => ['proven', 'refused']));
  const again = Array.from({ length: 200 }, () => blobs).flat();
  expect(new Set(await askForProofs(client, again))).toEqual(new Set(['refused']));
  expect((await it.ssh([ALICE, 'echo in'])).stdout).toBe('in');
  client.end();
});

test('who has not logged in gets no proof', async () => {
  await using it = await start();
  const [blob = Buffer.alloc(0)] = (await readHostKeys(data)).map(({ publicKey }) => publicKey.blob);
  const asked: Promise<readonly string[]>[] = [];
  await logIn(it, (client) => {
    client.on('error', () => {});
    client.once('handshake', () => asked.push(askForProofs(client, [blob])));
  }).then(
    (client) => client.end(),
    () => {},
  );
  expect(await Promise.all(asked)).toEqual([['refused']]);
});
