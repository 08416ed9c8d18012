import { expect, test } from 'vitest';
import type { Finding } from '../doctor/finding.ts';
import { formatCounts, formatFinding, formatJson } from './doctor-report.ts';

const FINDINGS: readonly Finding[] = [
  { check: 'k3d', verdict: 'right', text: 'k3d v5.9.0' },
  { check: 'storage-driver', verdict: 'wrong', text: 'vfs', remedy: ['one', 'two'] },
  { check: 'disk', verdict: 'skipped', text: 'not looked at' },
  { check: 'host-keys', verdict: 'right', text: 'two', details: ['a line'] },
];

test('a finding is a line, with what to type indented below', () => {
  expect(FINDINGS.map(formatFinding)).toEqual([
    '✓ k3d             k3d v5.9.0',
    '✗ storage-driver  vfs\n                  one\n                  two',
    '– disk            not looked at',
    '✓ host-keys       two\n                  a line',
  ]);
});

test('the last line counts, and what was not looked at is not right', () => {
  expect(formatCounts(FINDINGS)).toBe('2 right, 1 wrong, 1 not looked at.');
});

test('for scripts each finding has the same keys', () => {
  expect(JSON.parse(formatJson(FINDINGS))).toEqual({
    findings: [
      { check: 'k3d', verdict: 'right', text: 'k3d v5.9.0', remedy: [], details: [] },
      { check: 'storage-driver', verdict: 'wrong', text: 'vfs', remedy: ['one', 'two'], details: [] },
      { check: 'disk', verdict: 'skipped', text: 'not looked at', remedy: [], details: [] },
      { check: 'host-keys', verdict: 'right', text: 'two', remedy: [], details: ['a line'] },
    ],
    counts: { right: 2, doubtful: 0, wrong: 1, skipped: 1 },
  });
});
