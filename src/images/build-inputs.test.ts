import { chmod, mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildInputs } from './build-inputs.ts';

let folder: string;
const inputs = (signal = AbortSignal.timeout(30_000)) => buildInputs({ image: 'x', folder }, signal);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-inputs-'));
  await mkdir(join(folder, 'home'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM x');
  await writeFile(join(folder, 'home/a'), '1');
});
afterEach(() => rm(folder, { recursive: true }));

test('the same again has the same digest, whenever it was written', async () => {
  const before = await inputs();
  await utimes(join(folder, 'home/a'), 1, 1);
  expect(await inputs()).toBe(before);
  expect(before).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['a content', () => writeFile(join(folder, 'home/a'), '2')],
  ['a mode', () => chmod(join(folder, 'home/a'), 0o755)],
  ['a new file', () => writeFile(join(folder, 'home/b'), '')],
  ['a new folder', () => mkdir(join(folder, 'b'))],
  ['a link', () => symlink('home/a', join(folder, 'link'))],
])('%s makes another one', async (_what, change) => {
  const before = await inputs();
  await change();
  const after = await inputs();
  expect(after).not.toBe(before);
  expect(await inputs()).toBe(after);
});

test('a link counts by where it leads, and is not followed', async () => {
  await symlink('/proc', join(folder, 'link'));
  const before = await inputs();
  await rm(join(folder, 'link'));
  await symlink('/dev', join(folder, 'link'));
  expect(await inputs()).not.toBe(before);
});

test('what is too much, not there, or not wanted any more', async () => {
  await truncate(join(folder, 'home/a'), 256 * 2 ** 20);
  await expect(inputs()).rejects.toMatchObject({
    code: 'LAB_IMAGE_MISSING',
    detail: expect.stringContaining('256 MiB'),
  });
  await expect(inputs(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  await expect(
    buildInputs({ image: 'x', folder: `${folder}/none` }, AbortSignal.timeout(30_000)),
  ).rejects.toMatchObject({
    code: 'LAB_IMAGE_MISSING',
  });
});
