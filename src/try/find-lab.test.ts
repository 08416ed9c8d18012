import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLabCatalogue } from '../labs/lab-catalogue.ts';
import { labNamed } from '../labs/testing/lab-named.ts';
import { findLabFolder, type LabSearch } from './find-lab.ts';
import { parseLabChoice } from './lab-choice.ts';

let folder: string;
let said: string[];
let search: LabSearch;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-lab-'));
  said = [];
  search = {
    packaged: createLabCatalogue([labNamed('k3s'), labNamed('debian')]),
    workingFolder: folder,
    clones: join(folder, 'clones'),
    say: (line) => said.push(line),
    signal: AbortSignal.timeout(30_000),
  };
});
afterEach(() => rm(folder, { recursive: true }));

const find = (text: string) => findLabFolder(parseLabChoice(text, undefined), search);

async function lab(path: string): Promise<void> {
  await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, path, 'lab.yaml'), 'description: a lab\n');
}

test('a folder comes before a lab of the program, which has its name with and without labs/', async () => {
  expect(await find('k3s')).toBe(labNamed('k3s').folder);
  expect(await find('labs/k3s')).toBe(labNamed('k3s').folder);
  await lab('labs/k3s');
  expect(await find('labs/k3s')).toBe(join(folder, 'labs/k3s'));
  expect(await find('labs')).toBe(join(folder, 'labs/k3s'));
});

test('of several labs one has to be chosen, and what is none is told', async () => {
  await lab('class/a');
  await lab('class/b');
  await expect(find('class')).rejects.toMatchObject({
    code: 'LAB_UNKNOWN',
    message: expect.stringContaining('class/a, class/b'),
  });
  await expect(find('nothing')).rejects.toMatchObject({
    code: 'LAB_UNKNOWN',
    message: expect.stringContaining('(k3s, debian)'),
  });
});

test('a repository is fetched anew each time; where it is gone the labs of last time are taken', async () => {
  const url = await repository();
  const first = await find(`${url}#a`);
  expect(await readdir(first)).toEqual(['lab.yaml']);
  // Neither its history nor a password in its URL stays.
  expect(await readdir(join(first, '..'))).toEqual(['a', 'away', 'b']);

  await commit('a/news.md');
  expect(await find(`${url}#a`)).toBe(first);
  expect((await readdir(first)).sort()).toEqual(['lab.yaml', 'news.md']);

  await rm(join(folder, 'repository'), { recursive: true });
  expect(await find(`${url}#a`)).toBe(first);
  expect(said.at(-1)).toMatch(/can't be fetched: .* Those of last time are taken\./);
  expect(await readdir(join(folder, 'clones'))).toHaveLength(1);
});

test('a link that leads out of the repository is no lab', async () => {
  const url = await repository();
  await expect(find(`${url}#away`)).rejects.toMatchObject({
    code: 'LAB_UNKNOWN',
    message: expect.stringContaining('leads out'),
  });
});

test('a repository that was never there leaves nothing behind', async () => {
  await expect(find(`${pathToFileURL(folder)}/none.git`)).rejects.toMatchObject({ code: 'LAB_UNKNOWN' });
  expect(await readdir(join(folder, 'clones'))).toEqual([]);
});

/** With the labs a and b, and a link to a lab that lies elsewhere; its URL. */
async function repository(): Promise<string> {
  await lab('elsewhere');
  await lab('repository/a');
  await lab('repository/b');
  await symlink(join(folder, 'elsewhere'), join(folder, 'repository/away'));
  await git('init', '--quiet');
  await commit('.');
  return pathToFileURL(join(folder, 'repository')).href;
}

async function commit(path: string): Promise<void> {
  if (path !== '.') await writeFile(join(folder, 'repository', path), '');
  await git('add', '.');
  await git('-c', 'user.name=t', '-c', 'user.email=t@lab.test', 'commit', '--quiet', '--message', path);
}

async function git(...args: readonly string[]): Promise<void> {
  await execa('git', ['-C', join(folder, 'repository'), ...args], { timeout: 20_000 });
}
