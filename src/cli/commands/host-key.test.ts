import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHostKeys } from '../../gateway/keys/host-keys.ts';
import { runProgram } from '../testing/run-program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-key-'));
  await writeFile(
    join(folder, 'factory.yaml'),
    'domain: lab.example.org\nssh: { listen: "127.0.0.1:2222" }\ndata: data\n',
  );
});
afterEach(() => rm(folder, { recursive: true }));

const factory = (...args: string[]) => runProgram(folder, ['host-key', ...args, '-c', 'factory.yaml']);
const json = async (...args: string[]) => JSON.parse((await factory(...args, '--json')).said);

test('a key is added, listed, used and removed', async () => {
  const [first, rsa] = (await openHostKeys(join(folder, 'data'))).map(
    ({ publicKey }) => publicKey.fingerprint,
  );
  const { added } = await json('add');
  const states = async () =>
    (await json('list')).keys.map((key: { fingerprint: string; in_use: boolean }) => [
      key.fingerprint,
      key.in_use,
    ]);
  expect(await states()).toEqual([
    [first, true],
    [rsa, true],
    [added, false],
  ]);
  expect(await json('use', added)).toEqual({ in_use: added, former: first });
  expect(await states()).toEqual([
    [added, true],
    [rsa, true],
    [first, false],
  ]);
  expect(await json('remove', first ?? '')).toEqual({ removed: first });
  expect(await states()).toHaveLength(2);
  expect((await factory('remove', added)).error).toMatchObject({ code: 'SSH_KEY_UNUSABLE' });
});

test('for people the list has what is handed out', async () => {
  expect((await factory('list')).said).toMatch(/^There are no host keys yet/);
  const [key] = await openHostKeys(join(folder, 'data'));
  const { said } = await factory('list');
  expect(said).toContain(`in use  ed25519  ${key?.publicKey.fingerprint}\n`);
  expect(said).toContain(`\n[lab.example.org]:2222 ssh-ed25519 ${key?.publicKey.blob.toString('base64')}\n`);
  expect(said).toMatch(/\nlab\.example\.org\. 300 IN SSHFP 4 2 [0-9a-f]{64}\n/);
});
