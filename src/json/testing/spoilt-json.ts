import fc from 'fast-check';

/*
 * JSON bodies that are nearly right: one valid body with one thing wrong. What is nearly right gets past the first check, and there
 * a careless program breaks; random JSON never does.
 */

export const SPOILINGS = [
  'valid',
  'missing',
  'replaced',
  'doubled',
  'renamed',
  'added',
  'deep',
  'huge',
  'cut',
  'other',
] as const;

export type Spoiling = (typeof SPOILINGS)[number];

export interface SpoiltJson {
  readonly how: Spoiling;
  /** As it is sent. */
  readonly text: string;
}

/** Texts of JSON that parsers, databases, shells and terminals have tripped over. */
const ODD_TEXTS = [
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e\\u001b[2J"',
  '"__proto__"',
  '"../../etc/passwd"',
  '"$(id)"',
  '"{{7*7}}"',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"toString":1,"length":-1}',
  '[[]]',
  '-0',
  '-1',
  '0.5',
  'true',
  'null',
];

const HUGE_TEXTS = [
  '1e999',
  '-1e999',
  '1e-999',
  '9007199254740993',
  '9'.repeat(1_000),
  `"${'x'.repeat(20_000)}"`,
  `"${'\\u0000'.repeat(2_000)}"`,
  `[${'0,'.repeat(5_000)}0]`,
  `{"${'x'.repeat(20_000)}":0}`,
  `{${Array.from({ length: 1_000 }, (_, index) => `"k${index}":0`).join()}}`,
];

const ODD_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  '\0',
  '0',
];

const oddText = fc.oneof(fc.json({ maxDepth: 3 }), fc.constantFrom(...ODD_TEXTS));
const oddName = fc.oneof(fc.constantFrom(...ODD_NAMES), fc.string({ maxLength: 8 }));
const depth = fc.constantFrom(5, 50, 3_000);

/** `valid` gives bodies that are right. With `only` no other ways than these are taken. */
export function spoiltJson(
  valid: fc.Arbitrary<unknown>,
  only: readonly Spoiling[] = SPOILINGS,
): fc.Arbitrary<SpoiltJson> {
  return fc
    .record({
      valid,
      how: fc.constantFrom(...only),
      at: fc.nat(),
      name: oddName,
      text: oddText,
      huge: fc.constantFrom(...HUGE_TEXTS),
      depth,
      isList: fc.boolean(),
    })
    .map((choice) => ({ how: choice.how, text: spoil(choice) }));
}

interface Choice {
  readonly valid: unknown;
  readonly how: Spoiling;
  readonly at: number;
  readonly name: string;
  readonly text: string;
  readonly huge: string;
  readonly depth: number;
  readonly isList: boolean;
}

function spoil({ valid, how, at, name, text, huge, depth: levels, isList }: Choice): string {
  const whole = JSON.stringify(valid);
  const edit = (edited: Edit) => render(valid, at, edited);
  switch (how) {
    case 'valid':
      return whole;
    case 'missing':
      return edit(() => []);
    case 'replaced':
      return edit((key) => [[key, text]]);
    case 'doubled':
      return edit((key, value) =>
        (isList ? [value, text] : [text, value]).map((each) => [key, each] as const),
      );
    case 'renamed':
      return edit((key, value, isNamed) => (isNamed ? [[name, value]] : [[key, text]]));
    case 'added':
      return edit((key, value) => [
        [key, value],
        [name, text],
      ]);
    case 'deep':
      return edit((key, value) => [[key, nested(value, levels, isList)]]);
    case 'huge':
      return edit((key) => [[key, huge]]);
    case 'cut':
      return whole.slice(0, 1 + (at % Math.max(1, whole.length - 1)));
    case 'other':
      return isList ? `[${whole}]` : text;
  }
}

function nested(text: string, levels: number, isList: boolean): string {
  return isList
    ? `${'['.repeat(levels)}${text}${']'.repeat(levels)}`
    : `${'{"a":'.repeat(levels)}${text}${'}'.repeat(levels)}`;
}

/** What stands in the place of a member: each with its name, which in a list is not written. */
type Edit = (name: string, text: string, isNamed: boolean) => readonly (readonly [string, string])[];

/** The JSON text of the value with one of its members edited, `at` (of all of them, modulo) says which. */
function render(value: unknown, at: number, edit: Edit): string {
  const count = membersIn(value);
  if (count === 0) return objectOf(edit('', JSON.stringify(value), true));
  let left = at % count;
  const write = (one: unknown): string => {
    if (typeof one !== 'object' || one === null) return JSON.stringify(one);
    const members = Object.entries(one).flatMap(([name, member]) => {
      const isHere = left-- === 0;
      const text = write(member);
      return isHere ? edit(name, text, !Array.isArray(one)) : [[name, text] as const];
    });
    return Array.isArray(one) ? `[${members.map(([, text]) => text).join()}]` : objectOf(members);
  };
  return write(value);
}

function objectOf(members: ReturnType<Edit>): string {
  return `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`;
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + 1 + membersIn(member), 0);
}
