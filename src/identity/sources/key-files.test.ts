import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { Knowledge } from '../identity.ts';
import { recordingLogger, username } from '../testing/fixtures.ts';
import { makeTestKey } from '../testing/test-keys.ts';
import { KeyFilesSource } from './key-files.ts';

const [laptop, desktop] = [makeTestKey('ssh-ed25519'), makeTestKey('ssh-ed25519')];
const [alice, bob] = [username('alice'), username('bob')];
const signal = new AbortController().signal;

let folder: string;
let file: string;
let log: ReturnType<typeof recordingLogger>;
let clock: VirtualClock;
let source: KeyFilesSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-files-'));
  file = join(folder, 'alice.keys');
  log = recordingLogger();
  clock = new VirtualClock();
  source = new KeyFilesSource(folder, log.logger, clock);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file is read anew each time; without one the user is unknown', async () => {
  expect(await answerAfterWait()).toEqual({ kind: 'unknown' });
  await writeFile(file, laptop.line);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'known', keys: [laptop.key] });
  await writeFile(file, `${laptop.line}\r\n${desktop.line}\r\n`);
  expect(await source.lookup(alice, signal)).toMatchObject({ keys: [laptop.key, desktop.key] });
});

test('good lines of a broken file serve, and the broken ones are logged once', async () => {
  await writeFile(file, `${laptop.line}\njunk\n${desktop.line.slice(0, 50)}\n`);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'known', keys: [laptop.key] });
  await source.lookup(alice, signal);
  expect(log.lines).toMatchObject([{ level: 40, user: 'alice', unreadableLines: [2, 3] }]);
});

test("the case of a file's name does not matter, and two such files are nobody's", async () => {
  await writeFile(join(folder, 'Alice.keys'), laptop.line);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'known', keys: [laptop.key] });
  await writeFile(file, desktop.line);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });
});

test('what cannot be read is unavailable, never unknown', async () => {
  await mkdir(file);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });
  await symlink('nowhere', join(folder, 'bob.keys'));
  expect(await answerAfterWait({ of: bob })).toMatchObject({ kind: 'unavailable' });
  await rm(folder, { recursive: true });
  expect(await answerAfterWait({ of: bob })).toMatchObject({ kind: 'unavailable' });
});

test('a file that is being replaced is looked for again', async () => {
  const replace = () => writeFile(file, laptop.line);
  expect(await answerAfterWait({ meanwhile: replace })).toMatchObject({ kind: 'known', keys: [laptop.key] });
  await writeFile(file, '');
  expect(await answerAfterWait({ meanwhile: replace })).toMatchObject({ kind: 'known', keys: [laptop.key] });
  // Listed, and gone when it is opened.
  await rm(file);
  await symlink('nowhere', file);
  const rewrite = async () => {
    await rm(file);
    await replace();
  };
  expect(await answerAfterWait({ meanwhile: rewrite })).toMatchObject({ kind: 'known', keys: [laptop.key] });
});

test('an empty file is of somebody who has no key here', async () => {
  await writeFile(file, '\n');
  expect(await answerAfterWait()).toMatchObject({ kind: 'known', keys: [] });
});

test('a name that is not there costs no wait where the folder is as it was', async () => {
  await answerAfterWait();
  for (const user of [alice, bob]) expect(await source.lookup(user, signal)).toEqual({ kind: 'unknown' });
  await utimes(folder, 1, 1);
  const add = () => writeFile(join(folder, 'bob.keys'), laptop.line);
  expect(await answerAfterWait({ of: bob, meanwhile: add })).toMatchObject({ kind: 'known' });
});

test('no later source gets a name whose file was there a moment ago', async () => {
  await writeFile(file, laptop.line);
  await source.lookup(alice, signal);
  await rename(file, join(folder, 'alice.old'));
  expect(await answerAfterWait()).toMatchObject({ kind: 'unavailable' });
  await clock.advance(9_000);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });
  await rename(join(folder, 'alice.old'), file);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'known' });

  await rm(file);
  await utimes(folder, 1, 1);
  expect(await answerAfterWait()).toMatchObject({ kind: 'unavailable' });
  await clock.advance(10_000);
  expect(await source.lookup(alice, signal)).toEqual({ kind: 'unknown' });
});

test('a name counts as gone at once where the folder has been still for long', async () => {
  await writeFile(file, laptop.line);
  await source.lookup(alice, signal);
  await rm(file);
  await answerAfterWait({ of: bob });
  await clock.advance(10_000);
  expect(await source.lookup(alice, signal)).toEqual({ kind: 'unknown' });
});

test('nothing waits for a client that has gone', async () => {
  const gone = new AbortController();
  const answer = source.lookup(alice, gone.signal);
  await expect.poll(() => clock.pending).toBe(1);
  gone.abort(new Error('gone'));
  await expect(answer).rejects.toThrow('gone');
  expect(clock.pending).toBe(0);
});

/** Of a lookup that waits: what it answers in the end. `meanwhile`: what somebody does before that. */
async function answerAfterWait({ of = alice, meanwhile = async () => {} } = {}): Promise<Knowledge> {
  const answer = source.lookup(of, signal);
  await expect.poll(() => clock.pending).toBe(1);
  await meanwhile();
  await clock.advance(200);
  return await answer;
}
