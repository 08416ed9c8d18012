import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPatches } from './missing-patches.ts';
import { PATCHES, putUnpatchedSsh2 } from './testing/unpatched-ssh2.ts';

let folder: string;
let ssh2: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'missing-patches-'));
  ssh2 = await putUnpatchedSsh2(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const apply = (name: string) => execa('git', ['apply', join(PATCHES, name)], { cwd: folder });
const names = async () => (await readdir(PATCHES)).sort();

test('the ssh2 that the tests run with has all patches', async () => {
  expect(await missingPatches()).toEqual([]);
});

test('as npm installs it, it lacks each one; and what is not applied yet is missed after each', async () => {
  expect(await missingPatches(ssh2)).toEqual(await names());
  for (const [index, name] of (await names()).entries()) {
    await apply(name);
    const missing = await missingPatches(ssh2);
    expect(missing).toEqual(expect.arrayContaining((await names()).slice(index + 1)));
  }
  expect(await missingPatches(ssh2)).toEqual([]);
});

test('a file that was put back as it was, or is not there, is seen', async () => {
  const before = await readFile(join(ssh2, 'lib/server.js'), 'utf8');
  for (const name of await names()) await apply(name);
  await writeFile(join(ssh2, 'lib/server.js'), before);
  expect(await missingPatches(ssh2)).toContain('ssh2+1.17.0+003+mlkem.patch');
  await rm(join(ssh2, 'lib/keygen.js'));
  expect((await missingPatches(ssh2)).length).toBeGreaterThan(0);
});

test('a package without its patches is not taken for whole', async () => {
  const patches = join(folder, 'patches');
  await cp(PATCHES, patches, { recursive: true, filter: (path) => !path.endsWith('.patch') });
  await expect(missingPatches(ssh2, patches)).rejects.toThrow('no patches');
});
