import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOOKS_FILE, openHooksDatabase } from './hooks-database.ts';
import { readHooks } from './read-hooks.ts';

let data: string;
let file: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'hooks-'));
  file = join(data, HOOKS_FILE);
});
afterEach(() => rm(data, { recursive: true, force: true }));

test('is of this user alone, and what is written is on the disk when the call returns', async () => {
  const database = openHooksDatabase(data, 0);
  // 2 is FULL.
  expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  database.exec('DELETE FROM sessions');
  for (const name of await readdir(data)) expect((await stat(join(data, name))).mode & 0o777).toBe(0o600);
  database.close();
  await chmod(file, 0o644);
  openHooksDatabase(data, 0).close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each<[string, () => Promise<unknown>]>([
  ['no database', () => writeFile(file, 'not a database, but long enough to be looked at. '.repeat(99))],
  ['of a newer factory', async () => newer()],
  ['a folder', () => rm(file).then(() => mkdir(file))],
])('a file that is %s ends the start, and stays as it is', async (_what, spoil) => {
  openHooksDatabase(data, 0).close();
  await spoil();
  expect(() => openHooksDatabase(data, 0)).toThrow(expect.objectContaining({ code: 'HOOKS_UNREADABLE' }));
  expect(await readdir(data)).toEqual([HOOKS_FILE]);
});

test('where there is none nothing waits, and none is made', async () => {
  expect(readHooks(data, 9)).toEqual({ waiting: 0, given_up: 0, hooks: [] });
  expect(await readdir(data)).toEqual([]);
});

function newer(): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 1000');
  database.close();
}
