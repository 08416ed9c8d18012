import { chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
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

test('what is too much, or not wanted any more', async () => {
  await truncate(join(folder, 'home/a'), 256 * 2 ** 20);
  await expect(inputs()).rejects.toMatchObject({
    code: 'LAB_IMAGE_MISSING',
    detail: expect.stringContaining('256 MiB'),
  });
  await expect(inputs(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
});

test('a folder from which something vanishes on the way is walked again', async () => {
  const before = await inputs();
  const clock = new VirtualClock();
  const away = `${folder}-away`;
  await rename(folder, away);
  const { signal } = new AbortController();
  const digest = buildInputs({ image: 'x', folder }, signal, clock);
  await expect.poll(() => clock.pending).toBe(1);
  await rename(away, folder);
  await clock.advance(250);
  expect(await digest).toBe(before);
});

test('one that stays away can not be built', async () => {
  const clock = new VirtualClock();
  const { signal } = new AbortController();
  const digest = buildInputs({ image: 'x', folder: `${folder}/none` }, signal, clock);
  const refused = expect(digest).rejects.toMatchObject({ code: 'LAB_IMAGE_MISSING' });
  for (let walks = 1; walks < 5; walks++) {
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(250);
  }
  await refused;
});
