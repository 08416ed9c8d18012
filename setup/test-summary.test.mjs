import { expect, test } from 'vitest';
import { addCounts, closingLine, countVitest } from './test-summary.mjs';

const file = (status, ...tests) => ({ status, assertionResults: tests.map((each) => ({ status: each })) });

test('counts tests, not files', () => {
  const report = {
    testResults: [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'failed', 'passed')],
  };
  expect(countVitest(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 1 });
});

test('a file that could not be collected is a failure', () => {
  expect(countVitest({ testResults: [file('passed', 'passed'), file('failed')] }, 1)).toMatchObject({
    failed: 1,
  });
});

test('an error outside of all tests is a failure', () => {
  expect(countVitest({ testResults: [file('passed', 'passed')] }, 1)).toMatchObject({ passed: 1, failed: 1 });
});

test.each([
  ['no report', undefined, 0],
  ['no test', { testResults: [] }, 0],
  ['skipped tests only', { testResults: [file('passed', 'skipped')] }, 0],
])('%s is a failure', (_, report, exitCode) => {
  expect(countVitest(report, exitCode).failed).toBe(1);
});

test('the closing line names skipped tests only where there are some', () => {
  const counts = addCounts([
    { passed: 2, failed: 0, skipped: 0 },
    { passed: 1, failed: 1, skipped: 0 },
  ]);
  expect(closingLine(counts)).toBe('3 passed, 1 failed');
  expect(closingLine({ ...counts, skipped: 4 })).toBe('3 passed, 1 failed, 4 skipped');
});
