import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUsername } from '../../names/username.ts';
import { parseRoster } from './roster.ts';

const FILE = '/class/roster.csv';

function read(text: string | Uint8Array, column = 'username') {
  const { members, problems, repeated } = parseRoster(FILE, Buffer.from(text), column);
  return {
    members: members.map(({ user, line }) => `${line} ${user}`),
    problems: problems.map(placed),
    repeated: repeated.map(placed),
  };
}

function placed({ line, column, message }: { line: number; column: number; message: string }): string {
  return `${line}:${column} ${message}`;
}

const fine = (...members: string[]) => ({ members, problems: [], repeated: [] });

describe('a roster', () => {
  test.each([
    ['of a text editor', 'username\nalice\nbob\n'],
    ['without a last line end', 'username\nalice\nbob'],
    ['of a spreadsheet: byte order mark, CRLF', '\ufeffusername\r\nalice\r\nbob\r\n'],
    ['with the line ends of an old Mac', 'username\ralice\rbob\r'],
    ['with commas and other columns', 'name,username\nLiddell,alice\n"Builder, B.",bob\n'],
    ['with semicolons, as where the comma is for numbers', 'name;username;mark\nL;alice;1,5\nB;bob;2,5\n'],
    ['with tabs', 'name\tusername\nL, A\talice\nB, B\tbob\n'],
    ['with everything in quotes', '"name","username"\r\n"L ""Al"" A","alice"\r\n"B","bob"\r\n'],
    ['with names in capitals, and blanks around them', 'USERNAME , x\n Alice ,1\n"BOB" ,2\n'],
    ['with a column of the same name further right', 'username,username\nalice,x y\nbob,z z\n'],
    [
      'in Latin-1, in columns that nobody looks at',
      Buffer.from('username,name\nalice,J\xf6rg\nbob,B\n', 'latin1'),
    ],
  ])('%s', (_what, text) => {
    expect(read(text)).toEqual(fine('2 alice', '3 bob'));
  });

  test('has blank lines, lines without a name, lines that are too short', () => {
    expect(read('\n\nname,username\n\nL,alice\n   \n,\nnobody,\nshort\nB,bob,more\n')).toEqual(
      fine('5 alice', '10 bob'),
    );
  });

  test('has fields of several lines: a name is where it begins', () => {
    expect(read('note,username\n"one\ntwo\nthree",alice\nx,bob\n')).toEqual(fine('4 alice', '5 bob'));
  });

  test('has the names in a column of another name', () => {
    const classroom = '"identifier","github_username","github_id"\n"L, A","alice","1"\n"B","",""\n';
    expect(read(classroom, 'github_username')).toEqual(fine('2 alice'));
  });

  test('has somebody twice, which is told and keeps nobody out', () => {
    expect(read('username\nalice\nbob\nAlice\n')).toEqual({
      ...fine('2 alice', '3 bob'),
      repeated: ['4:1 alice stands in line 2 already'],
    });
  });
});

describe('a roster with a mistake', () => {
  const NAME = 'is no user name; it has letters, digits and single hyphens between them, at most 39';

  test.each([
    ['nothing in it', '', '1:1 is empty; its first line must name the columns, one of them username'],
    [
      'blank lines alone',
      '\n \r\n',
      '1:1 is empty; its first line must name the columns, one of them username',
    ],
    [
      'no such column',
      'user,name\nalice,x\n',
      '1:1 has no column "username"; it has: user, name. Name one of them as roster.column',
    ],
    ['a name that is none', 'name,username\n"a,b" , bad_name\n', `2:9 "bad_name" ${NAME}`],
    ['the name of a group of all', 'username\n*\n', `2:1 "*" ${NAME}`],
    ['a path for a name', 'username\n../alice\n', `2:1 "../alice" ${NAME}`],
    [
      'a name that would play with the terminal',
      'username\n\u001b[2J\u202e\n',
      `2:1 "\ufffd[2J\ufffd" ${NAME}`,
    ],
    ['an open quote', 'username\nalice\n"bob\n', '3:1 has a quote that is never closed'],
    [
      'a quote within text',
      'name,username\nB "x" y,bob\n',
      '2:1 has a quote in the middle of a field; put the whole field in quotes, and double those in it',
    ],
    [
      'text after a quote',
      'username\n"bob"x\n',
      '2:1 has text after a closing quote; quotes within a quoted field are doubled',
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffusername\nalice\n', 'utf16le'),
      '1:1 is UTF-16 text; save it as CSV in UTF-8',
    ],
  ])('%s', (_what, text, problem) => {
    expect(read(text).problems).toEqual([problem]);
  });

  test('in every line has the first of them told', () => {
    const { problems } = read(`username\n${'not a name\n'.repeat(5_000)}`);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('22:1 and 4980 more such lines');
  });

  test('that has no end is given up', () => {
    expect(read(`username\n"${'x'.repeat(1e6)}`).problems).toEqual([
      expect.stringMatching(/has a line of more than 65536 characters/),
    ]);
  });
});

describe('whatever bytes are in it', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(`username\n${text}`)),
    fc
      .array(
        fc.constantFrom('username', 'alice', '"', ',', ';', '\t', '\n', '\r', '\0', ' ', '\ufeff', '*', 'ß'),
        {
          maxLength: 60,
        },
      )
      .map((parts) => Buffer.from(parts.join(''))),
  );

  test('it is read without a throw, and whoever is in it has a name that is one', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom('username', 'alice', ''), (content, column) => {
        const { members, problems } = parseRoster(FILE, content, column);
        const names = members.map(({ user }) => user);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(parseUsername(name)).toBe(name);
        const lines = Buffer.from(content)
          .toString()
          .split(/\r\n?|\n/).length;
        for (const { line } of [...members, ...problems]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('names come back as they were written, at their lines', () => {
    const name = fc
      .stringMatching(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { maxLength: 39 })
      .filter((text) => text.length <= 39);
    const cell = fc
      .string({ unit: 'grapheme', maxLength: 10 })
      .map((text) => `"${text.replaceAll('"', '""').replace(/[\r\n]/g, ' ')}"`);
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(
        fc.uniqueArray(name),
        cell,
        fc.constantFrom(',', ';', '\t'),
        ends,
        (names, other, delimiter, end) => {
          const lines = [['other', 'username'], ...names.map((each) => [other, each])];
          const text = lines.map((line) => line.join(delimiter)).join(end);
          expect(read(text)).toEqual(fine(...names.map((each, index) => `${index + 2} ${each}`)));
        },
      ),
    );
  });
});
