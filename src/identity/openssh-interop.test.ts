import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import ssh2, { type PublicKeyAuthContext } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSameKey, type PublicKey, readPublicKey } from './public-key.ts';
import { signatureAlgorithm, verifySignature } from './signature.ts';
import { startSoftwareAgent } from './testing/software-agent.ts';
import { algorithmsOf, KEY_TYPES, makeTestKey } from './testing/test-keys.ts';

// The real ssh logs in to ssh2's server: what ssh2 hands out is what verifySignature takes, for every kind of key. That the
// test's own signer and agent keep to OpenSSH's rules is what ssh-keygen's verifier says.

const keys = KEY_TYPES.map((type) => makeTestKey(type));
const cases = keys.flatMap(({ key }) => algorithmsOf(key.type).map((algorithm) => ({ algorithm, key })));
const stopped = new AsyncDisposableStack();
let folder: string;
let agentSocket: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-ssh-'));
  stopped.defer(() => rm(folder, { recursive: true }));
  agentSocket = join(folder, 'agent');
  stopped.use(await startSoftwareAgent(agentSocket, keys));
});
afterAll(() => stopped.disposeAsync());

test.each(cases)(
  '$algorithm',
  async ({ algorithm, key }) => {
    const seen: string[] = [];
    await using server = await startSshServer((attempt) => decide(attempt, key, seen));
    const { exitCode, stderr } = await runSsh(server.port, algorithm);
    expect({ exitCode, seen, stderr }).toMatchObject({ exitCode: 0, seen: [`${algorithm} true`] });
  },
  20_000,
);

test.each(keys)(
  'ssh-keygen verifies what the test agent signs with $key.type',
  async ({ key, line }) => {
    const file = join(folder, key.fingerprint.replace(/\W/g, ''));
    await writeFile(`${file}.pub`, line);
    await writeFile(`${file}.allowed`, `alice ${line}`);
    const input = 'a message';
    const env = { SSH_AUTH_SOCK: agentSocket };
    const sign = ['-Y', 'sign', '-n', 'test', '-f', `${file}.pub`];
    const { stdout } = await execa('ssh-keygen', sign, { input, env, timeout: 30_000 });
    await writeFile(`${file}.sig`, `${stdout}\n`);
    const verify = [
      '-Y',
      'verify',
      '-n',
      'test',
      '-I',
      'alice',
      '-f',
      `${file}.allowed`,
      '-s',
      `${file}.sig`,
    ];
    const verified = await execa('ssh-keygen', verify, { input, timeout: 30_000 });
    expect(verified.stdout).toContain(key.fingerprint);
  },
  20_000,
);

test('the client is told of exactly the algorithms that are verified (the patch of ssh2)', async () => {
  await using server = await startSshServer(() => false);
  const { stderr } = await runSsh(server.port, 'ssh-ed25519');
  const announced = /server-sig-algs=<([^>]*)>/.exec(stderr)?.[1]?.split(',') ?? [];
  expect(announced.toSorted()).toEqual(cases.map(({ algorithm }) => algorithm).toSorted());
}, 20_000);

function decide(attempt: PublicKeyAuthContext, wanted: PublicKey, seen: string[]): boolean {
  const offered = readPublicKey(attempt.key.data);
  if (offered.kind !== 'usable' || !isSameKey(offered.key, wanted)) return false;
  if (attempt.signature === undefined || attempt.blob === undefined) return true;
  const algorithm = signatureAlgorithm(attempt.key.algo, attempt.hashAlgo);
  const right = verifySignature(offered.key, algorithm, attempt.blob, attempt.signature);
  seen.push(`${algorithm} ${right}`);
  return right;
}

async function startSshServer(
  accepts: (attempt: PublicKeyAuthContext) => boolean,
): Promise<AsyncDisposable & { readonly port: number }> {
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519').private;
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (attempt) => {
      if (attempt.method === 'publickey' && accepts(attempt)) attempt.accept();
      else attempt.reject(['publickey']);
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.exit(0);
        channel.end();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

async function runSsh(port: number, algorithm: string): Promise<{ exitCode?: number; stderr: string }> {
  const options = [
    'UserKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=no',
    'BatchMode=yes',
    `IdentityAgent=${agentSocket}`,
    `PubkeyAcceptedAlgorithms=${algorithm}`,
  ].flatMap((option) => ['-o', option]);
  const args = ['-v', '-F', 'none', ...options, '-p', String(port), 'alice@127.0.0.1', 'true'];
  return await execa('ssh', args, { timeout: 15_000, reject: false, stdin: 'ignore' });
}
