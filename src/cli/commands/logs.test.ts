import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLogin } from '../../names/login.ts';
import type { Surroundings } from '../surroundings.ts';
import { type LogsOptions, logs } from './logs.ts';

let folder: string;
let said: string[];
let complained: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs-'));
  said = [];
  complained = [];
  await mkdir(join(folder, 'lab'));
  await writeFile(join(folder, 'lab/lab.yaml'), 'container: { image: lab }\n');
  await writeFile(join(folder, 'factory.yaml'), 'data: ./data\nlabs: [./lab]\n');
});
afterEach(() => rm(folder, { recursive: true }));

async function logged(...entries: object[]): Promise<void> {
  await mkdir(join(folder, 'data/logs'), { recursive: true });
  const lines = entries.map((entry) => `${JSON.stringify({ level: 50, ...entry })}\n`);
  await writeFile(join(folder, 'data/logs/factory.1.jsonl'), lines.join(''));
}

function run(workspace: string | undefined, options: Partial<LogsOptions> = {}): Promise<void> {
  const surroundings: Surroundings = {
    env: {},
    workingFolder: folder,
    home: folder,
    login: 'alice',
    say: (text) => said.push(text),
    complain: (text) => complained.push(text),
  };
  const login = workspace === undefined ? undefined : parseLogin(workspace);
  const all = { config: 'factory.yaml', lines: 100, ...options };
  return logs(login, all, surroundings, new AbortController().signal);
}

const entries = [
  { msg: 'one', workspace: 'alice/k3s', errorId: '3fa9c1d2' },
  { msg: 'two', workspace: 'alice/debian', errorId: '3fb00000' },
  { msg: 'three', user: 'alice' },
  { msg: 'four', workspace: 'alice-b/k3s' },
];

test('one workspace, one user, all, the last ones', async () => {
  await logged(...entries);
  await run('alice/k3s', { json: true });
  expect(said.splice(0).map((line) => JSON.parse(line).msg)).toEqual(['one']);
  await run('alice', { json: true });
  expect(said.splice(0).map((line) => JSON.parse(line).msg)).toEqual(['one', 'two', 'three']);
  await run(undefined, { json: true, lines: 2 });
  expect(said.splice(0).map((line) => JSON.parse(line).msg)).toEqual(['three', 'four']);
  await run('nobody/k3s');
  expect(said).toEqual([]);
  expect(complained.join()).toContain('Nothing of that is in the log');
});

test('an error by its id, by the beginning of it, however a person typed it', async () => {
  await logged(...entries);
  for (const id of ['3fa9c1d2', '3fa', ' 3FA9C1D2 ']) {
    await run(undefined, { error: id });
    expect(said.splice(0).join()).toContain('alice/k3s one (error 3fa9c1d2)');
  }
  await expect(run(undefined, { error: '3f' })).rejects.toThrow('3fa9c1d2, 3fb00000');
  await expect(run(undefined, { error: 'dead' })).rejects.toMatchObject({ code: 'LOG_ENTRY_UNKNOWN' });
  expect(said).toEqual([]);
});

test('the nodes of which workspace must be said', async () => {
  await expect(run('alice', { nodes: true })).rejects.toThrow('factory logs alice/k3s --nodes');
});

test('lines of another shape are JSON as well with --json', async () => {
  await mkdir(join(folder, 'data/logs'), { recursive: true });
  await writeFile(join(folder, 'data/logs/factory.1.jsonl'), 'plain\n');
  await run(undefined, { json: true });
  expect(said).toEqual(['{"msg":"plain"}']);
});
