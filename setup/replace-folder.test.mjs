import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFolder } from './replace-folder.mjs';

let root;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'replace-folder-'));
});
afterEach(() => rm(root, { recursive: true }));

async function make(name) {
  await mkdir(join(root, name));
  await writeFile(join(root, name, 'made-by'), name);
}

test.each([[['fresh', 'place']], [['fresh']]])('of %j the fresh one is left, in its place', async (there) => {
  for (const name of there) await make(name);
  await replaceFolder(join(root, 'fresh'), join(root, 'place'));
  expect(await readdir(root)).toEqual(['place']);
  expect(await readFile(join(root, 'place/made-by'), 'utf8')).toBe('fresh');
});

test('where the fresh one is not there the old one stays', async () => {
  await make('place');
  await expect(replaceFolder(join(root, 'fresh'), join(root, 'place'))).rejects.toThrow('ENOENT');
  expect(await readdir(root)).toEqual(['place']);
  expect(await readFile(join(root, 'place/made-by'), 'utf8')).toBe('place');
});
