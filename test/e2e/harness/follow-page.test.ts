import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followPage } from './follow-page.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
});
afterEach(() => rm(folder, { recursive: true }));

function follow(...lines: string[]): Promise<void> {
  const surroundings = {
    folder,
    env: { GREETING: 'hello' },
    replace: new Map([['2222', '4711']]),
    within: 45_000,
  };
  return followPage(lines.join('\n').replaceAll("'''", '```'), surroundings);
}

test('files are written, commands run, and each block goes on where the one before ended', async () => {
  await follow(
    'In `sub/a.txt`:\n',
    "'''ini\nport 2222, not 22222\n'''\n",
    "'''sh\ncd sub; word=$GREETING\n'''\n",
    'Add to `sub/a.txt`:\n',
    "'''ini\nmore\n'''\n",
    "'''sh\necho $word >b.txt; cat a.txt\n'''\n",
    "'''text\nport 2222, not 22222\nmore\n'''\n",
  );
  expect(await readFile(join(folder, 'sub/b.txt'), 'utf8')).toBe('hello\n');
  expect(await readFile(join(folder, 'sub/a.txt'), 'utf8')).toContain('port 4711,');
});

test('what is typed goes into the program of the block above', async () => {
  await follow("'''sh\ncat\n'''\n", 'And then, in the lab:\n', "'''sh\nls\n'''\n", "'''text\nls\n'''\n");
});

test('what keeps running ends with Ctrl-C or with the page', async () => {
  const server = `node -e "process.on('SIGINT',()=>{fs.appendFileSync('log','ended;');process.exit()});setInterval(()=>{},9);console.log('up')"`;
  const started = ['Leave it running:\n', `'''sh\n${server}\n'''\n`, "'''text\nup\n'''\n"];
  await follow(
    ...started,
    "'''sh\ntouch log; cat log\n'''\n\n'''text\n\n'''\n",
    'Press Ctrl-C:\n',
    "'''sh\ncat log\n'''\n\n'''text\nended;\n'''\n",
    ...started,
  );
  expect(await readFile(join(folder, 'log'), 'utf8')).toBe('ended;ended;');
});

test.each([
  ['a command that fails', "'''sh\ntrue\nfalse\ntrue\n'''", /line 1 .*exit code 1/],
  ['another exit code than said', "It says exit code 78:\n\n'''sh\nexit 7\n'''", /line 3 .*exit code 7/],
  ['another output', "'''sh\necho no\n'''\n\n'''text\nyes\n'''", /line 1 .*another output.*no.*yes/s],
  [
    'a program that ends',
    "Leave it running:\n\n'''sh\necho no\n'''\n\n'''text\nyes\n'''",
    /line 3 .*ended.*no/s,
  ],
])('%s fails with its line', async (_, page, expected) => {
  await expect(follow(page)).rejects.toThrow(expected);
});
