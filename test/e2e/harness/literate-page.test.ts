import { describe, expect, test } from 'vitest';
import { outputPattern, readPage } from './literate-page.ts';

const fence = (language: string, ...lines: string[]) => [`\`\`\`${language}`, ...lines, '```', ''].join('\n');

test('files, commands and what they show, in the order of the page', () => {
  const page = [
    'The lab is `hello/lab.yaml`:\n',
    fence('yaml', 'container:', '  image: lab'),
    'Add to `hello/lab.yaml`:\n',
    fence('yaml', 'cluster: {}'),
    'And look at it.\n',
    fence('sh', 'factory lab check hello'),
    fence('text', 'fine'),
  ].join('\n');
  expect(readPage(page)).toMatchObject([
    { kind: 'file', path: 'hello/lab.yaml', how: 'write', text: 'container:\n  image: lab\n', line: 3 },
    { kind: 'file', path: 'hello/lab.yaml', how: 'append', text: 'cluster: {}\n' },
    { kind: 'commands', script: 'factory lab check hello\n', shows: 'fine\n', exitCode: 0 },
  ]);
});

test('what the lead says of the commands, and that lead alone', () => {
  const page = [
    'Ctrl-C ends it, exit code 9.\n\nStart it and\nleave it running:\n',
    fence('sh', 'factory serve'),
    'In a second terminal:\n',
    fence('sh', 'ssh alice@localhost'),
    'There, in the lab:\n',
    fence('sh', 'hostname'),
    fence('text', 'hello'),
    'End it with Ctrl-C. This says exit code 78:\n',
    fence('sh', 'factory config check'),
  ].join('\n');
  expect(readPage(page)).toMatchObject([
    { script: 'factory serve\n', keepsRunning: true, afterInterrupt: false, exitCode: 0 },
    { script: 'ssh alice@localhost\n', keepsRunning: false, typed: 'hostname\n', shows: 'hello\n' },
    { script: 'factory config check\n', keepsRunning: false, afterInterrupt: true, exitCode: 78 },
  ]);
});

test('a block that says why it is not followed is left out', () => {
  expect(
    readPage(`<!-- not followed: it needs systemd -->\n${fence('sh', 'systemctl start factory')}`),
  ).toEqual([]);
});

describe('a page with a mistake is refused with the line', () => {
  test.each([
    ['a file without a name', fence('yaml', 'a: 1'), /line 1 .* yaml block says neither/],
    ['a block without a language', `\n${fence('', 'ls')}`, /line 2 .* unnamed block says neither/],
    ['output of nothing', fence('text', 'hello'), /line 1 .* there are none right before it/],
    [
      'a second output',
      fence('sh', 'ls') + fence('text', 'a') + fence('text', 'b'),
      /line 7 .* second output/,
    ],
    ['no end', '```sh\nls\n', /line 1 .* has no end/],
  ])('%s', (_, page, expected) => {
    expect(() => readPage(page)).toThrow(expected);
  });
});

test.each([
  ['a.c\n', 'a.c', true],
  ['abc', 'a.c', false],
  ['a.c and more', 'a.c', false],
  ['took 3.2 s', 'took … s', true],
  ['took 3.2 s\nmore', 'took …', false],
  ['first\nmany\nlines\nlast', 'first\n…\nlast', true],
  ['first\nlast', '…\nfirst\n…\nlast\n…', true],
  ['first\nlast', 'first\n…\nst', false],
  ['first\nlast', 'first\n…\nmiddle\n…\nlast', false],
  ['a\n\n\nb', 'a\n\nb', false],
  ['no trailing space \r\nhere\r\n', 'no trailing space\nhere', true],
])('%j shows as %j is written: %s', (shown, written, expected) => {
  expect(outputPattern(written).test(shown)).toBe(expected);
});
