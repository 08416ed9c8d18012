import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { parseUsername, type Username } from '../../names/username.ts';
import type { RosterMember } from '../factory-config.ts';
import type { Problem } from '../problem.ts';
import { placeOfField } from './field-place.ts';

/** What a CSV file with members turned out to be. */
export interface Roster {
  /** In the order of the file, none twice. */
  readonly members: readonly RosterMember[];
  /** With one of these the file is not taken. */
  readonly problems: readonly Problem[];
  /** Names that stand in the file before: no mistake that keeps anybody out. */
  readonly repeated: readonly Problem[];
}

const DELIMITERS = [',', ';', '\t'] as const;

/** Bytes of one line; a field that is never closed must not be all of the file. */
const LONGEST_RECORD = 65_536;

/** With the wrong column every line is a mistake. */
const MOST_PROBLEMS = 20;

/**
 * Reads a roster as spreadsheets write it: comma, semicolon or tab, quotes or none, any line ends, with or without a byte order
 * mark. The first line names the columns; `column` has the user names, and other columns are not looked at. A line without a name is
 * passed over. Never throws: what is wrong is in `problems`. `file`: absolute, for the places of mistakes.
 */
export function parseRoster(file: string, bytes: Uint8Array, column: string): Roster {
  const text = textOf(bytes);
  if (text === undefined) return mistaken(at(file, 1, 1, 'is UTF-16 text; save it as CSV in UTF-8'));
  const delimiter = delimiterOf(text);
  const records = recordsOf(text, delimiter);
  if ('message' in records) return mistaken(at(file, records.line, 1, records.message));
  const [head, ...rows] = records;
  if (head === undefined) {
    return mistaken(at(file, 1, 1, `is empty; its first line must name the columns, one of them ${column}`));
  }
  const names = head.fields.map((name) => name.toLowerCase());
  const index = names.indexOf(column.toLowerCase());
  if (index === -1) {
    const there = shown(head.fields.join(', '));
    return mistaken(
      at(file, 1, 1, `has no column "${column}"; it has: ${there}. Name one of them as roster.column`),
    );
  }
  return membersOf(file, rows, { column, index, delimiter });
}

interface Row {
  readonly fields: readonly string[];
  /** Its own text, with blank lines before it. */
  readonly text: string;
  /** The number of the line at which that begins. */
  readonly line: number;
}

function textOf(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return undefined;
  // TextDecoder takes the byte order mark away. What is no UTF-8 may stand in columns that nobody looks at.
  return new TextDecoder().decode(bytes).replace(/\r\n?/g, '\n');
}

/** That one of the usual three which is in the first line most often. */
function delimiterOf(text: string): string {
  const [head = ''] = text.trimStart().split('\n', 1);
  const bare = head.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

function recordsOf(
  text: string,
  delimiter: string,
): readonly Row[] | { readonly line: number; readonly message: string } {
  const buffer = Buffer.from(text);
  try {
    const rows: Row[] = [];
    let start = 0;
    let line = 1;
    parse(buffer, {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: LONGEST_RECORD,
      on_record: (fields: readonly string[], { bytes: end }) => {
        const row = { fields, text: buffer.subarray(start, end).toString(), line };
        rows.push(row);
        start = end;
        line += row.text.split('\n').length - 1;
        return null;
      },
    });
    return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    return { line, message: MISTAKES[error.code] ?? 'is no CSV here' };
  }
}

const MISTAKES: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'has a quote that is never closed',
  INVALID_OPENING_QUOTE:
    'has a quote in the middle of a field; put the whole field in quotes, and double those in it',
  CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote; quotes within a quoted field are doubled',
  CSV_MAX_RECORD_SIZE: `has a line of more than ${LONGEST_RECORD} characters; is a quote never closed?`,
};

interface Layout {
  readonly column: string;
  readonly index: number;
  readonly delimiter: string;
}

function membersOf(file: string, rows: readonly Row[], { column, index, delimiter }: Layout): Roster {
  const members = new Map<Username, RosterMember>();
  const problems: Problem[] = [];
  const repeated: Problem[] = [];
  for (const { fields, text, line: start } of rows) {
    const written = fields[index] ?? '';
    if (written === '') continue;
    const place = placeOfField(text, delimiter, index);
    const line = start + place.line;
    const user = parseUsername(written);
    const before = user === undefined ? undefined : members.get(user);
    if (user === undefined) problems.push(at(file, line, place.column, noName(written), column));
    else if (before === undefined) members.set(user, { user, line, column: place.column });
    else repeated.push(at(file, line, place.column, `${user} stands in line ${before.line} already`, column));
  }
  return {
    members: [...members.values()],
    problems: firstOf(problems),
    repeated: firstOf(repeated),
  };
}

function noName(written: string): string {
  return `"${shown(written)}" is no user name; it has letters, digits and single hyphens between them, at most 39`;
}

function firstOf(problems: readonly Problem[]): readonly Problem[] {
  const last = problems[MOST_PROBLEMS];
  if (last === undefined) return problems;
  const left = problems.length - MOST_PROBLEMS;
  return [...problems.slice(0, MOST_PROBLEMS), { ...last, message: `and ${left} more such lines` }];
}

/** For a terminal: a file may hold anything. */
function shown(text: string): string {
  return text.slice(0, 100).replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');
}

function at(file: string, line: number, column: number, message: string, key = ''): Problem {
  return { file, line, column, key, message };
}

function mistaken(problem: Problem): Roster {
  return { members: [], problems: [problem], repeated: [] };
}
