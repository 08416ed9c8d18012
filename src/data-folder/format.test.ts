import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CURRENT_FORMAT, migrateDataFolder } from './format.ts';
import { openDataFolder, removeUnusedDataFolder } from './open-data-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'format-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Every file below the folder, by path, with its text. */
async function content(): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'lock');
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), await readFile(path, 'utf8')];
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** As version 0.1.0 left it. */
async function makeFormat1(): Promise<void> {
  await mkdir(join(folder, 'clusters', 'k3d-home'), { recursive: true });
  await mkdir(join(folder, 'ssh'));
  await writeFile(join(folder, 'instance-id'), 'abcd1234\n');
  await writeFile(join(folder, 'ssh', 'host_ed25519'), 'a key');
  await writeFile(join(folder, 'clusters', 'alice-1.json'), '{}');
  await writeFile(join(folder, 'clusters', 'alice-1.log'), 'why it failed');
  await writeFile(join(folder, 'clusters', 'bob-2.log'), 'why this one did');
}

const MIGRATED = {
  format: `${CURRENT_FORMAT}\n`,
  'instance-id': 'abcd1234\n',
  'ssh/host_ed25519': 'a key',
  'clusters/alice-1.json': '{}',
  'logs/clusters/alice-1.log': 'why it failed',
  'logs/clusters/bob-2.log': 'why this one did',
};

test('a folder with nothing kept in it is removed, one with anything in it stays', async () => {
  {
    using _lock = await openDataFolder(join(folder, 'unused'));
    await removeUnusedDataFolder(join(folder, 'unused'));
  }
  expect(await readdir(folder)).toEqual([]);
  await makeFormat1();
  using _lock = await openDataFolder(folder);
  await removeUnusedDataFolder(folder);
  expect(await content()).toEqual(MIGRATED);
});

test('a folder that can not be read stays', async () => {
  // Root, too, can not follow a link to itself.
  await symlink('loop', join(folder, 'loop'));
  await removeUnusedDataFolder(join(folder, 'loop'));
  expect(await readdir(folder)).toEqual(['loop']);
});

describe('a data folder', () => {
  test('that is new gets the current format, and keeps it', async () => {
    using _lock = await openDataFolder(folder);
    expect(await content()).toEqual({ format: `${CURRENT_FORMAT}\n` });
    await migrateDataFolder(folder);
    expect(await content()).toEqual({ format: `${CURRENT_FORMAT}\n` });
  });

  test('of format 1 is migrated and loses nothing', async () => {
    await makeFormat1();
    using _lock = await openDataFolder(folder);
    expect(await content()).toEqual(MIGRATED);
  });

  test('of format 1 that can not be read stays of format 1', async () => {
    await writeFile(join(folder, 'instance-id'), 'abcd1234\n');
    await symlink('clusters', join(folder, 'clusters'));
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await readdir(folder)).not.toContain('format');
  });

  test('whose migration was cut off is migrated by the next start', async () => {
    await makeFormat1();
    await mkdir(join(folder, 'logs', 'clusters'), { recursive: true });
    await rm(join(folder, 'clusters', 'alice-1.log'));
    await writeFile(join(folder, 'logs', 'clusters', 'alice-1.log'), 'why it failed');
    using _lock = await openDataFolder(folder);
    expect(await content()).toEqual(MIGRATED);
  });

  test.each([
    ['of a newer version', String(CURRENT_FORMAT + 1), 'DATA_FOLDER_NEWER'],
    ['whose mark is broken', 'two', 'DATA_FOLDER_UNREADABLE'],
    ['whose mark is empty', '', 'DATA_FOLDER_UNREADABLE'],
  ])('%s is refused and stays as it is', async (_what, format, code) => {
    await makeFormat1();
    await writeFile(join(folder, 'format'), format);
    const before = await content();
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code });
    expect(await content()).toEqual(before);
    // The refusal has let go of the lock.
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code });
  });

  test('that a factory of format 1 is using is refused until that one has ended', async () => {
    await makeFormat1();
    const older = createServer((socket) => socket.destroy());
    older.listen(join(folder, 'lock.sock'));
    await once(older, 'listening');
    const before = await content();
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    expect(await content()).toEqual(before);
    older.close();
    await once(older, 'close');
    using _lock = await openDataFolder(folder);
    expect(await content()).toEqual(MIGRATED);
  });
});
