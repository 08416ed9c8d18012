import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataFolder } from './data-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('one at a time, and the next after it', async () => {
  const first = await lockDataFolder(join(folder, 'data'));
  await expect(lockDataFolder(join(folder, 'data'))).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  await first[Symbol.asyncDispose]();
  await using _next = await lockDataFolder(join(folder, 'data'));
});

test('the lock of a factory that was killed with -9 holds nobody up', async () => {
  const source = new URL('./data-lock.ts', import.meta.url).href;
  const script = `const { lockDataFolder } = await import(${JSON.stringify(source)});
    await lockDataFolder(${JSON.stringify(folder)}); console.log('locked');`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(lockDataFolder(folder)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  holder.kill('SIGKILL');
  await once(holder, 'close');
  await using _next = await lockDataFolder(folder);
});

test.runIf(process.platform === 'linux')('a folder that can not be made is refused', async () => {
  await expect(lockDataFolder('/proc/factory/data')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a folder too deep for a socket is locked as well', async () => {
  const deep = join(folder, 'x'.repeat(100));
  await using _first = await lockDataFolder(deep);
  await expect(lockDataFolder(deep)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
});
