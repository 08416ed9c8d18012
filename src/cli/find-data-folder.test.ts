import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDataFolder } from './find-data-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-data-'));
  await mkdir(join(folder, 'labs/plain'), { recursive: true });
  await writeFile(join(folder, 'labs/plain/lab.yaml'), 'container: { image: lab }\n');
});
afterEach(() => rm(folder, { recursive: true }));

async function find(text: string): Promise<string> {
  await writeFile(join(folder, 'factory.yaml'), text);
  return findDataFolder('factory.yaml', {
    env: {},
    workingFolder: folder,
    home: folder,
    login: 'ida',
    say: () => undefined,
    complain: () => undefined,
  });
}

test('the data folder is that of the configuration', async () => {
  expect(await find('labs: [labs]\ndata: here\n')).toBe(join(folder, 'here'));
});

test.each([
  ['a wrong value', 'data: here\nlabs: [nowhere]\n', 'here'],
  ['half a file', 'data: here\nlabs: [labs]\ngroups: [{ name: a, mem', 'here'],
  ['a file without it', 'labs: [nowhere]\n', '.factory'],
])(
  'with %s it is found where a factory has left its socket, and else the mistake is told',
  async (_what, text, data) => {
    await expect(find(text)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await mkdir(join(folder, data));
    await writeFile(join(folder, data, 'control.sock'), '');
    expect(await find(text)).toBe(join(folder, data));
  },
);
