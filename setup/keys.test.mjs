import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildKey } from './build.mjs';
import { dependenciesKey } from './dependencies.mjs';
import { inBuildOrder, labImageKey } from './lab-images.mjs';

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

test('a lab image is also for the lab that it is FROM, and for the tools it copies, and not for those it does not', async () => {
  const plan = { source: 'built', whoami: 'w', present: new Map() };
  await write('labs/k3s/Dockerfile', 'FROM ssh-lab-factory/lab-debian\nCOPY bin/ /usr/local/bin/');
  await write('labs/debian/Dockerfile', 'ARG BASE\nFROM $BASE');
  const keys = () => Promise.all(['debian', 'k3s'].map((name) => labImageKey(root, name, plan)));
  const [debian, k3s] = await keys();
  await write('testbed/helm/go.mod', 'another version');
  const [sameDebian, newerK3s] = await keys();
  expect(sameDebian).toBe(debian);
  expect(newerK3s).not.toBe(k3s);
  await write('labs/debian/motd', 'hello');
  const [newDebian, newestK3s] = await keys();
  expect(newDebian).not.toBe(debian);
  expect(newestK3s).not.toBe(newerK3s);
});

test('a lab is built after the one that it is FROM', async () => {
  await write('labs/a/Dockerfile', 'FROM ssh-lab-factory/lab-b');
  await write('labs/b/Dockerfile', 'FROM ssh-lab-factory/lab-c:latest');
  await write('labs/c/Dockerfile', 'FROM debian');
  await write('labs/without-image/lab.yaml', '');
  expect(await inBuildOrder(root, ['a', 'b', 'c', 'without-image'])).toEqual(['c', 'b', 'a']);
  await write('labs/c/Dockerfile', 'FROM ssh-lab-factory/lab-a');
  await expect(inBuildOrder(root, ['a', 'b', 'c'])).rejects.toThrow(
    '"a" is built from itself: a from b from c from a.',
  );
});
