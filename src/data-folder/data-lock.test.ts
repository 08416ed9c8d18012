import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isDataFolderLocked, lockDataFolder } from './data-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('one at a time, and the next after it', async () => {
  expect(isDataFolderLocked(join(folder, 'data'))).toBe(false);
  const first = await lockDataFolder(join(folder, 'data'));
  expect(isDataFolderLocked(join(folder, 'data'))).toBe(true);
  await expect(lockDataFolder(join(folder, 'data'))).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  first[Symbol.dispose]();
  expect(isDataFolderLocked(join(folder, 'data'))).toBe(false);
  using _next = await lockDataFolder(join(folder, 'data'));
});

test('the lock of a factory that was killed with -9 holds nobody up', async () => {
  const source = new URL('./data-lock.ts', import.meta.url).href;
  const script = `const { lockDataFolder } = await import(${JSON.stringify(source)});
    globalThis.lock = await lockDataFolder(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(lockDataFolder(folder)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  holder.kill('SIGKILL');
  await once(holder, 'close');
  using _next = await lockDataFolder(folder);
});

test('of many programs that start at once on the lock of a dead one, one gets it', async () => {
  const source = new URL('./data-lock.ts', import.meta.url).href;
  const script = `const { lockDataFolder } = await import(${JSON.stringify(source)});
    for await (const line of (await import('node:readline')).createInterface(process.stdin)) {
      const said = await lockDataFolder(${JSON.stringify(folder)}).then((lock) => {
        globalThis.lock = lock;
        return "locked";
      }, (error) => error.code);
      console.log(said);
    }`;
  const programs = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  try {
    // The first of each round is killed with the lock, and the others find what it left.
    for (let holder = programs.pop(); programs.length > 2 && holder !== undefined; ) {
      if (programs.length === 5) expect(await tryLock([holder])).toEqual(['locked']);
      holder.kill('SIGKILL');
      await once(holder, 'close');
      const said = await tryLock(programs);
      expect(said.toSorted()).toEqual([...Array(programs.length - 1).fill('ALREADY_RUNNING'), 'locked']);
      [holder] = programs.splice(said.indexOf('locked'), 1);
    }
  } finally {
    for (const program of programs) program.kill('SIGKILL');
  }
});

async function tryLock(
  programs: readonly ChildProcessByStdio<Writable, Readable, null>[],
): Promise<string[]> {
  const answers = programs.map(({ stdout }) => once(stdout, 'data').then(([said]) => String(said).trim()));
  for (const { stdin } of programs) stdin.write('now\n');
  return Promise.all(answers);
}

test('a machine that has no open file left is no mistake in the configuration', async () => {
  const source = new URL('./data-lock.ts', import.meta.url).href;
  const script = `const { lockDataFolder } = await import(${JSON.stringify(source)});
    const { openSync } = await import('node:fs');
    process.getBuiltinModule('node:sqlite');
    try { for (;;) openSync('/dev/null'); } catch {}
    console.log(await lockDataFolder(${JSON.stringify(folder)}).catch((error) => error.code));`;
  const program = spawn(
    'sh',
    ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const closed = once(program, 'close');
  expect(await text(program.stdout)).toBe('DATA_FOLDER_UNAVAILABLE\n');
  await closed;
});

test.runIf(process.platform === 'linux')('a folder that can not be made is refused', async () => {
  await expect(lockDataFolder('/proc/factory/data')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
