import { expect, test } from 'vitest';
import { isAtLeast, parseVersion } from './version.ts';

test.each([
  ['v5.9.0', [5, 9]],
  ['20.10.24+dfsg1', [20, 10]],
  ['24.21.0\n', [24, 21]],
  ['', undefined],
  ['dev', undefined],
])('%j is read as %j', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test.each([
  [[20, 10], true],
  [[28, 2], true],
  [[20, 9], false],
  [[19, 99], false],
] as const)('%j is at least 20.10: %j', (version, expected) => {
  expect(isAtLeast(version, [20, 10])).toBe(expected);
});
