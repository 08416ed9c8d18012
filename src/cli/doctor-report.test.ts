import { expect, test } from 'vitest';
import type { Finding } from '../doctor/finding.ts';
import { formatCounts, formatFinding, formatJson } from './doctor-report.ts';

const FINDINGS: readonly Finding[] = [
  { check: 'k3d', verdict: 'right', text: 'k3d v5.9.0' },
  { check: 'storage-driver', verdict: 'wrong', text: 'vfs', remedy: ['one', 'two'] },
  { check: 'disk', verdict: 'skipped', text: 'not looked at' },
];

test('a finding is a line, with what to type indented below', () => {
  expect(FINDINGS.map(formatFinding)).toEqual([
    '✓ k3d             k3d v5.9.0',
    '✗ storage-driver  vfs\n                  one\n                  two',
    '– disk            not looked at',
  ]);
});

test('the last line counts, and what was not looked at is not right', () => {
  expect(formatCounts(FINDINGS)).toBe('1 right, 1 wrong, 1 not looked at.');
});

test('for scripts each finding has the same keys', () => {
  expect(JSON.parse(formatJson(FINDINGS))).toEqual({
    findings: [
      { check: 'k3d', verdict: 'right', text: 'k3d v5.9.0', remedy: [] },
      { check: 'storage-driver', verdict: 'wrong', text: 'vfs', remedy: ['one', 'two'] },
      { check: 'disk', verdict: 'skipped', text: 'not looked at', remedy: [] },
    ],
    counts: { right: 1, doubtful: 0, wrong: 1, skipped: 1 },
  });
});
