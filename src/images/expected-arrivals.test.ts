import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectedArrival } from './expected-arrivals.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arrivals-'));
  file = join(folder, 'setup.json');
});
afterEach(() => rm(folder, { recursive: true }));

const arriving = { 'lab/k3s:latest': { state: 'building', note: 'about 2 minutes' } };

test('names are compared with their tags', async () => {
  await writeFile(file, JSON.stringify({ pid: process.pid, arriving, k3d: 'elsewhere' }));
  expect(await expectedArrival(file, 'lab/k3s')).toEqual({ state: 'building', note: 'about 2 minutes' });
  expect(await expectedArrival(file, 'lab/k3s:2')).toBeUndefined();
});

test('what a dead set-up promised does not arrive', async () => {
  // Above the largest number Linux gives to a process.
  await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 1, arriving }));
  expect(await expectedArrival(file, 'lab/k3s')).toBeUndefined();
});

test('no file and a broken file promise nothing', async () => {
  expect(await expectedArrival(file, 'lab/k3s')).toBeUndefined();
  await writeFile(file, '{');
  expect(await expectedArrival(file, 'lab/k3s')).toBeUndefined();
  expect(await expectedArrival(undefined, 'lab/k3s')).toBeUndefined();
});
