import { watch } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRouteFile, writeRouteFile } from './route-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'route-file-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('in the folder that Traefik watches nothing happens but that the file is another one', async () => {
  await writeRouteFile(folder, new Map(), { number: 1 });
  const seen: string[] = [];
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const watcher = watch(folder, (event, name) => {
    if (name === 'end') resolve();
    else seen.push(`${event} ${name}`);
  });
  await writeRouteFile(folder, new Map(), { number: 2 });
  await writeFile(join(folder, 'end'), '');
  await end;
  watcher.close();
  expect(seen).toEqual(['rename routes.yml']);
});

test('nothing is left beside the file that Traefik could read', async () => {
  await writeRouteFile(folder, new Map(), {});
  const files = await readdir(folder, { recursive: true });
  expect(files.filter((name) => /\.(ya?ml|toml)$/.test(name))).toEqual(['routes.yml']);
  expect(await readRouteFile(folder)).toEqual(new Map());
});
