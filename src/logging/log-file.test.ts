import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLogFile } from './log-file.ts';
import { listLogFiles, logFolder } from './log-files.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'log-file-'));
});
afterEach(() => rm(data, { recursive: true }));

async function opened(onTrouble: (error: unknown) => void = () => {}) {
  const file = await openLogFile(data, onTrouble);
  if (file === undefined) throw new Error('the log file does not open');
  return file;
}

async function lines(): Promise<string[]> {
  const texts = await Promise.all((await listLogFiles(data)).map((path) => readFile(path, 'utf8')));
  return texts.join('').split('\n').filter(Boolean);
}

test('only its owner reads it; the next run goes on where the last one ended', async () => {
  (await opened()).write('one\n');
  (await opened()).write('two\n');
  expect(await lines()).toEqual(['one', 'two']);
  const [path = ''] = await listLogFiles(data);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(logFolder(data))).mode & 0o777).toBe(0o700);
});

test('a line that a power cut tore does not spoil the next one', async () => {
  (await opened()).write('one\n');
  const [path = ''] = await listLogFiles(data);
  await appendFile(path, '{"torn');
  (await opened()).write('two\n');
  expect(await lines()).toEqual(['one', '{"torn', 'two']);
});

test('takes bounded room: old files go, those of earlier runs, too', async () => {
  await mkdir(logFolder(data));
  for (const number of [1, 2, 9, 10])
    await writeFile(join(logFolder(data), `factory.${number}.jsonl`), 'old\n');
  await writeFile(join(logFolder(data), 'factory.10.jsonl'), `${'x'.repeat(1_023)}\n`.repeat(10 * 1024 - 1));
  const file = await opened();
  for (let count = 0; count < 3; count += 1) file.write(`${'y'.repeat(1_023)}\n`);
  await expect.poll(async () => (await listLogFiles(data)).at(-1)).toMatch(/factory\.11\.jsonl$/);
  file.write('after\n');
  expect((await lines()).at(-1)).toBe('after');
  expect(await listLogFiles(data)).toHaveLength(5);
});

test('kill -9 loses no line whose write returned', async () => {
  const program = `
    import { writeSync } from 'node:fs';
    import { openLogFile } from '${new URL('./log-file.ts', import.meta.url).href}';
    const file = await openLogFile('${data}', () => {});
    for (let n = 1; n <= 1_000_000; n += 1) { file.write('line ' + n + '\\n'); writeSync(1, n + '\\n'); }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (told.length > 5_000) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const last = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1));
  expect(last).toBeGreaterThan(100);
  expect((await lines()).slice(0, last)).toEqual(Array.from({ length: last }, (_, n) => `line ${n + 1}`));
}, 30_000);

describe('trouble ends nothing', () => {
  test('a folder that cannot be made is told once, and there is no file', async () => {
    await writeFile(logFolder(data), 'a file in its place');
    const onTrouble = vi.fn();
    expect(await openLogFile(data, onTrouble)).toBeUndefined();
    expect(onTrouble).toHaveBeenCalledOnce();
  });

  test('a disk that is full is told once', async () => {
    await mkdir(logFolder(data));
    // The device that is always full.
    await symlink('/dev/full', join(logFolder(data), 'factory.1.jsonl'));
    const onTrouble = vi.fn();
    const file = await opened(onTrouble);
    for (let count = 0; count < 3_000; count += 1) file.write(`${'z'.repeat(1_000)}\n`);
    expect(onTrouble).toHaveBeenCalledOnce();
    expect(onTrouble.mock.calls[0]?.[0]).toMatchObject({ code: 'ENOSPC' });
  });
});
