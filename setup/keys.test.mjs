import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildKey } from './build.mjs';
import { dependenciesKey } from './dependencies.mjs';
import { labImageKey } from './lab-images.mjs';

let root;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'factory-keys-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(path, text) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

test('a build is for its sources, and tests are not among them', async () => {
  await write('src/a/main.ts', 'one');
  const first = await buildKey(root);
  await write('src/a/main.test.ts', 'a test');
  expect(await buildKey(root)).toBe(first);
  await write('src/a/main.ts', 'two');
  const second = await buildKey(root);
  expect(second).not.toBe(first);
  await write('src/b.ts', '');
  expect(await buildKey(root)).not.toBe(second);
});

test('an install is for its lock file, patches and major Node', async () => {
  await write('package-lock.json', '{}');
  const first = await dependenciesKey(root, '24.21.0');
  expect(await dependenciesKey(root, '24.22.0')).toBe(first);
  expect(await dependenciesKey(root, '26.0.0')).not.toBe(first);
  await write('patches/ssh2.patch', 'x');
  expect(await dependenciesKey(root, '24.21.0')).not.toBe(first);
});

test('a lab image is for its folder and for where images come from; bin/ is laid by the build', async () => {
  const plan = { source: 'built', whoami: 'w', present: new Map() };
  await write('labs/k3s/Dockerfile', 'FROM scratch');
  const first = await labImageKey(root, 'k3s', plan);
  await write('labs/k3s/bin/kubectl', 'x');
  expect(await labImageKey(root, 'k3s', plan)).toBe(first);
  expect(await labImageKey(root, 'k3s', { ...plan, source: 'registry' })).not.toBe(first);
  await write('labs/k3s/packages.txt', 'git');
  expect(await labImageKey(root, 'k3s', plan)).not.toBe(first);
});
