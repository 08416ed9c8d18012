import type { z } from 'zod';

/** Wording for what the schema has no words of its own for. */
export function issueWording(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.input, TYPE_WORDS[issue.expected] ?? issue.expected);
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number'
        ? `must be at least ${issue.minimum}`
        : 'must not be empty; give it a value or leave the key out';
    case 'too_big':
      return issue.origin === 'number' ? `must be at most ${issue.maximum}` : 'is too long';
    default:
      return issue.message ?? 'is not valid';
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of keys',
  record: 'a set of keys',
};

/** "must be text, not a number", and what to do where that is not plain. */
export function wrongType(input: unknown, expected: string): string {
  if (input === undefined) return `is missing; it must be ${expected}`;
  if (input === null) return `has no value; it must be ${expected}`;
  const hint = expected === 'text' && typeof input !== 'object' ? '; put it in quotes' : '';
  return `must be ${expected}, not ${typeWord(input)}${hint}`;
}

function typeWord(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return String(value);
  return TYPE_WORDS[typeof value] ?? typeof value;
}
