import { chmod, copyFile, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addHostKey, removeHostKey, useHostKey } from './host-key-orders.ts';
import { furtherFile, MOST_FURTHER_KEYS, openHostKeys, readHostKeys } from './host-keys.ts';

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

test('reading makes no keys', async () => {
  expect(await readHostKeys(data)).toEqual([]);
});

test('a key is added, taken into use, and the one before it removed', async () => {
  const [first, rsa] = await openHostKeys(data);
  const next = await addHostKey(data, 'ed25519');
  expect(await openHostKeys(data)).toEqual([first, rsa, next]);
  expect((await stat(join(data, 'ssh', next.file))).mode & 0o777).toBe(0o600);

  const former = await useHostKey(data, next.publicKey.fingerprint);
  expect(former).toMatchObject({ privateKey: first?.privateKey, isInUse: false });
  const inUse = { ...next, file: 'host_ed25519_key', isInUse: true };
  expect(await openHostKeys(data)).toEqual([inUse, rsa, former]);

  expect(await removeHostKey(data, former.publicKey.fingerprint)).toEqual(former);
  expect(await openHostKeys(data)).toEqual([inUse, rsa]);
});

test('there is a way back as long as the former key is kept', async () => {
  const [first] = await openHostKeys(data);
  const next = await addHostKey(data, 'ed25519');
  await useHostKey(data, next.publicKey.fingerprint);
  await useHostKey(data, first?.publicKey.fingerprint ?? '');
  expect(await openHostKeys(data)).toMatchObject([first, { file: 'host_rsa_key' }, next]);
});

test('where taking a key into use was cut off half-way, no key is announced twice, and it can be given again', async () => {
  const [first, rsa] = await openHostKeys(data);
  if (first === undefined) throw new Error('no key');
  const next = await addHostKey(data, 'ed25519');
  await copyFile(ed25519, join(data, 'ssh', furtherFile('ed25519', first.publicKey)));
  expect(await openHostKeys(data)).toEqual([first, rsa, next]);
  await useHostKey(data, next.publicKey.fingerprint);
  expect((await openHostKeys(data)).map(({ privateKey }) => privateKey)).toEqual([
    next.privateKey,
    rsa?.privateKey,
    first.privateKey,
  ]);
});

test('what can not be done is refused, and nothing changes', async () => {
  const before = await openHostKeys(data);
  const inUse = before[0]?.publicKey.fingerprint ?? '';
  const refused = (words: string) => ({ code: 'SSH_KEY_UNUSABLE', message: expect.stringContaining(words) });
  await expect(useHostKey(data, inUse)).rejects.toMatchObject(refused('is in use already'));
  await expect(removeHostKey(data, inUse)).rejects.toMatchObject(refused('is in use'));
  await expect(removeHostKey(data, 'SHA256:x')).rejects.toMatchObject(
    refused('There is no host key SHA256:x'),
  );
  expect(await openHostKeys(data)).toEqual(before);
  await expect(addHostKey(join(data, 'other'), 'rsa')).rejects.toMatchObject(refused('first start'));
});

test('there may be so many further keys and no more', async () => {
  await openHostKeys(data);
  for (let n = 0; n < MOST_FURTHER_KEYS; n++) await addHostKey(data, 'ed25519');
  await expect(addHostKey(data, 'ed25519')).rejects.toMatchObject({ code: 'SSH_KEY_UNUSABLE' });
  expect(await openHostKeys(data)).toHaveLength(2 + MOST_FURTHER_KEYS);
  await copyFile(ed25519, join(data, 'ssh', 'host_ed25519_more_key'));
  await expect(openHostKeys(data)).rejects.toMatchObject({ code: 'SSH_KEY_UNUSABLE' });
});
