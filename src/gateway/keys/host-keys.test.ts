import { chmod, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHostKeys } from './host-keys.ts';

let data: string;
let ed25519: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'host-keys-'));
  ed25519 = join(data, 'ssh', 'host_ed25519_key');
});
afterEach(() => rm(data, { recursive: true }));

test('two runs at the same moment, and a later one, have the same keys', async () => {
  const [first, second] = await Promise.all([openHostKeys(data), openHostKeys(data)]);
  expect(first).toHaveLength(2);
  expect(second).toEqual(first);
  expect(await openHostKeys(data)).toEqual(first);
  expect((await stat(ed25519)).mode & 0o777).toBe(0o600);
});

test('a key that others can read is refused', async () => {
  await openHostKeys(data);
  await chmod(ed25519, 0o644);
  await expect(openHostKeys(data)).rejects.toMatchObject({
    code: 'SSH_KEY_UNUSABLE',
    message: expect.stringContaining('chmod 600'),
  });
});

test('a broken key is refused and left as it is', async () => {
  await openHostKeys(data);
  await truncate(ed25519, 100);
  await expect(openHostKeys(data)).rejects.toMatchObject({ code: 'SSH_KEY_UNUSABLE' });
  expect(await readFile(ed25519)).toHaveLength(100);
});
