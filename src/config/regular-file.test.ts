import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRegularFile, UnfitFile } from './regular-file.ts';

const MOST = 4_096;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regular-file-'));
  await writeFile(join(folder, 'most'), 'x'.repeat(MOST));
  await writeFile(join(folder, 'more'), 'x'.repeat(MOST + 1));
  await writeFile(join(folder, 'sparse'), '');
  await truncate(join(folder, 'sparse'), 2 ** 40);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await symlink('most', join(folder, 'link'));
  await symlink('pipe', join(folder, 'link-to-pipe'));
  await symlink('/dev/zero', join(folder, 'endless'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['most', 'link'])('%s is read', async (name) => {
  expect((await readRegularFile(join(folder, name), MOST)).toString()).toBe('x'.repeat(MOST));
});

test.each([
  ['pipe', 'is no regular file'],
  ['link-to-pipe', 'is no regular file'],
  ['endless', 'is no regular file'],
  ['more', 'has more than 4 KiB'],
  ['sparse', 'has more than 4 KiB'],
  // Says that it has no bytes.
  ['/proc/kallsyms', 'has more than 4 KiB'],
])('%s is refused at once', async (name, message) => {
  const path = name.startsWith('/') ? name : join(folder, name);
  const refusal = await readRegularFile(path, MOST).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UnfitFile);
  expect(String(refusal)).toContain(message);
});

test('one that is not there, and a folder, are refused as the system does', async () => {
  await expect(readRegularFile(join(folder, 'none'), MOST)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readRegularFile(folder, MOST)).rejects.toMatchObject({ code: 'EISDIR' });
});
