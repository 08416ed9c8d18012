import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogLine } from './log-line.ts';
import { followLog, readLog, readTornLine, startOfLog } from './read-log.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'read-log-'));
  await mkdir(join(data, 'logs'));
});
afterEach(() => rm(data, { recursive: true }));

const file = (number: number) => join(data, 'logs', `factory.${number}.jsonl`);
const line = (msg: string) => `${JSON.stringify({ level: 30, msg })}\n`;

async function read(): Promise<string[]> {
  const position = startOfLog();
  const seen: string[] = [];
  const see = (each: LogLine) =>
    seen.push(each.kind === 'entry' ? (each.entry.msg ?? '') : `text ${each.raw}`);
  for await (const each of readLog(data, position)) see(each);
  const torn = await readTornLine(position);
  if (torn !== undefined) see(torn);
  return seen;
}

test('rotated files are read in the order of their numbers, and nothing else in the folder is', async () => {
  await writeFile(file(10), line('third'));
  await writeFile(file(9), line('second'));
  await writeFile(file(2), line('first'));
  await writeFile(join(data, 'logs', 'other.1.jsonl'), line('not ours'));
  expect(await read()).toEqual(['first', 'second', 'third']);
});

test('a torn line and lines of other shapes are shown, not dropped', async () => {
  await writeFile(
    file(1),
    `${line('good')}plain words\n[1]\n{"msg":"no level"}\n\n${line('x').slice(0, 12)}`,
  );
  expect(await read()).toEqual([
    'good',
    'text plain words',
    'text [1]',
    'text {"msg":"no level"}',
    'text {"level":30,',
  ]);
});

test('lines longer than what is read at once, and letters cut by its border', async () => {
  const long = 'ä€'.repeat(50_000);
  await writeFile(file(1), line(`a${long}`) + line(`ab${long}`) + line('end'));
  expect(await read()).toEqual([`a${long}`, `ab${long}`, 'end']);
});

test('no log yet is an empty one', async () => {
  await rm(join(data, 'logs'), { recursive: true });
  expect(await read()).toEqual([]);
});

test('following: no line is lost on the way, over a rotation, each when it is whole, and to an end', async () => {
  await writeFile(file(1), line('old'));
  const stop = new AbortController();
  const position = startOfLog();
  for await (const each of readLog(data, position)) expect(each).toMatchObject({ entry: { msg: 'old' } });
  await appendFile(file(1), line('between') + line('one').slice(0, 5));
  const seen: string[] = [];
  const following = (async () => {
    for await (const each of followLog(data, position, stop.signal)) seen.push(JSON.parse(each.raw).msg);
  })();
  const seenUp = (to: string) => expect.poll(() => seen.at(-1)).toBe(to);
  await seenUp('between');
  await appendFile(file(1), line('one').slice(5));
  await appendFile(file(2), line('two'));
  await seenUp('two');
  await appendFile(file(2), line('three'));
  await seenUp('three');
  await rm(file(1));
  await rm(file(2));
  await appendFile(file(3), line('four'));
  await seenUp('four');
  stop.abort();
  await following;
  expect(seen).toEqual(['between', 'one', 'two', 'three', 'four']);
}, 60_000);
