import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../../time/testing/virtual-clock.ts';
import { lab } from '../../../workspaces/testing/harness.ts';
import { labFiles } from './lab-files.ts';

const { signal } = new AbortController();
let clock: VirtualClock;
let folder: string;
let file: string;

beforeEach(async () => {
  clock = new VirtualClock();
  folder = await mkdtemp(join(tmpdir(), 'lab-files-'));
  file = join(folder, 'notes');
});
afterEach(() => rm(folder, { recursive: true }));

/** What the container gets of a lab with this one file. */
async function content(aborted = signal): Promise<string | undefined> {
  const one = { path: '/notes', content: { kind: 'file', file }, mode: 0o644, owner: undefined } as const;
  const found = await labFiles(
    { ...lab, folder, container: { ...lab.container, files: [one] } },
    aborted,
    clock,
  );
  return found[0]?.content.toString();
}

/** As a file that was written `age` ms ago, by the clock of the test. */
async function write(text: string, age: number): Promise<void> {
  await writeFile(file, text);
  const at = (clock.now() - age) / 1000;
  await utimes(file, at, at);
}

test('a file that is settled is taken at once, also an empty one', async () => {
  await write('whole', 250);
  expect(await content()).toBe('whole');
  await write('', 10_000);
  expect(await content()).toBe('');
});

test('one that an editor has just emptied is read again', async () => {
  await write('', 0);
  const given = content();
  await expect.poll(() => clock.pending).toBe(1);
  await write('whole', 0);
  await clock.advance(250);
  expect(await given).toBe('whole');
});

test('one that an editor has just moved away is looked for again', async () => {
  await write('old', 10_000);
  await rename(file, `${file}~`);
  const given = content();
  await expect.poll(() => clock.pending).toBe(1);
  await write('whole', 0);
  await clock.advance(250);
  expect(await given).toBe('whole');
});

test('one that is written all the time is taken as it is in the end', async () => {
  const given = content();
  for (let looks = 1; looks < 5; looks++) {
    await expect.poll(() => clock.pending).toBe(1);
    await write(`${looks}`, -250);
    await clock.advance(250);
  }
  expect(await given).toBe('4');
});

test('one that stays away is told of', async () => {
  const given = content();
  const refusal = expect(given).rejects.toMatchObject({
    code: 'LAB_INVALID',
    message: expect.stringContaining(`can't be read from ${file}`),
  });
  for (let looks = 1; looks < 5; looks++) {
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(250);
  }
  await refusal;
});

test('nothing is waited for whose creation is given up', async () => {
  const gone = new AbortController();
  const given = content(gone.signal);
  await expect.poll(() => clock.pending).toBe(1);
  gone.abort(new Error('gone'));
  await expect(given).rejects.toThrow('gone');
  expect(clock.pending).toBe(0);
});
