import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLogger, username } from '../testing/fixtures.ts';
import { makeTestKey } from '../testing/test-keys.ts';
import { KeyFilesSource } from './key-files.ts';

const [laptop, desktop] = [makeTestKey('ssh-ed25519'), makeTestKey('ssh-ed25519')];
const alice = username('alice');
const signal = new AbortController().signal;

let folder: string;
let log: ReturnType<typeof recordingLogger>;
let source: KeyFilesSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-files-'));
  log = recordingLogger();
  source = new KeyFilesSource(folder, log.logger);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file is read anew each time; without one the user is unknown', async () => {
  expect(await source.lookup(alice, signal)).toEqual({ kind: 'unknown' });
  await writeFile(join(folder, 'alice.keys'), laptop.line);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'known', keys: [laptop.key] });
  await writeFile(join(folder, 'alice.keys'), `${laptop.line}\r\n${desktop.line}\r\n`);
  expect(await source.lookup(alice, signal)).toMatchObject({ keys: [laptop.key, desktop.key] });
  await rm(join(folder, 'alice.keys'));
  expect(await source.lookup(alice, signal)).toEqual({ kind: 'unknown' });
});

test('good lines of a broken file serve, and the broken ones are logged once', async () => {
  await writeFile(join(folder, 'alice.keys'), `${laptop.line}\njunk\n${desktop.line.slice(0, 50)}\n`);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'known', keys: [laptop.key] });
  await source.lookup(alice, signal);
  expect(log.lines).toMatchObject([{ level: 40, user: 'alice', unreadableLines: [2, 3] }]);
});

test("the case of a file's name does not matter, and two such files are nobody's", async () => {
  await writeFile(join(folder, 'Alice.keys'), laptop.line);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'known', keys: [laptop.key] });
  await writeFile(join(folder, 'alice.keys'), desktop.line);
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });
});

test('what cannot be read is unavailable, never unknown', async () => {
  await mkdir(join(folder, 'alice.keys'));
  expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });
  await rm(folder, { recursive: true });
  expect(await source.lookup(username('bob'), signal)).toMatchObject({ kind: 'unavailable' });
});
