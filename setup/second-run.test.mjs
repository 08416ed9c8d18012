import { expect, test } from 'vitest';
import { filesToRunAgain, reportOfBoth } from './second-run.mjs';
import { countVitest } from './test-summary.mjs';

const file = (name, ...tests) => ({
  name,
  status: tests.includes('failed') ? 'failed' : 'passed',
  assertionResults: tests.map((status) => ({ status })),
});
const run = (files, failures = []) => ({ code: 1, report: { testResults: files }, failures });

test('a few files that failed run again, many and what failed outside of files do not', () => {
  const two = [file('a', 'passed', 'failed'), file('b', 'passed'), file('c', 'failed')];
  expect(filesToRunAgain(run(two))).toEqual(['a', 'c']);
  expect(filesToRunAgain(run(two, ['outside of all tests: Error: late']))).toEqual([]);
  expect(filesToRunAgain(run(['a', 'b', 'c', 'd'].map((name) => file(name, 'failed'))))).toEqual([]);
  expect(filesToRunAgain({ code: 1, report: undefined, failures: [] })).toEqual([]);
});

test('of a file that ran again the second run counts, and each test once', () => {
  const first = run([file('a', 'passed', 'failed'), file('b', 'passed')]);
  const count = (...second) => countVitest(reportOfBoth(first, run(second)), 0);
  expect(count(file('a', 'passed', 'passed'))).toEqual({ passed: 3, failed: 0, skipped: 0 });
  expect(count(file('a', 'failed', 'failed'))).toEqual({ passed: 1, failed: 2, skipped: 0 });
});

test('a file that is not found again stays failed', () => {
  const first = run([file('a', 'failed'), file('b', 'passed')]);
  expect(countVitest(reportOfBoth(first, run([])), 0)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});
