import { expect, test } from 'vitest';
import { failureLine, lately } from './failure-reporter.mjs';

test('an error is told with what caused it and the line of its test, each by its first line', () => {
  const cause = { name: 'YAMLError', message: 'half a file\nsecond line', cause: 'thrown as text' };
  const error = {
    name: 'FactoryError',
    message: 'no answer',
    cause,
    stacks: [
      { file: '/src/a.ts', line: 1 },
      { file: '/test/a.test.ts', line: 7 },
      { file: '/node_modules/b.js', line: 9 },
    ],
  };
  expect(failureLine('a.test.ts: a bird flies', [error])).toBe(
    'a.test.ts: a bird flies: line 7: FactoryError: no answer ← YAMLError: half a file ← thrown: thrown as text',
  );
});

test('a failure without an error, and a chain of causes without an end, are told', () => {
  const endless = { name: 'Error', message: 'again' };
  endless.cause = endless;
  expect(failureLine('x', [endless])).toBe(`x: ${Array(5).fill('Error: again').join(' ← ')}`);
  expect(failureLine('x', [])).toBe('x: no reason was given');
});

test('what happened around a failure is told in a line each, as far as it is known', () => {
  expect(lately({ lately: ['alice: cluster reset: exit 1: no\n  network', 'x'.repeat(1_000)] })).toEqual([
    'alice: cluster reset: exit 1: no network',
    'x'.repeat(400),
  ]);
  expect(lately({})).toEqual([]);
});
