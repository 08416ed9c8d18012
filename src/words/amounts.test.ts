import { expect, test } from 'vitest';
import { formatBytes } from './amounts.ts';

test.each([
  [0, '0 MiB'],
  [2 ** 30 - 1, '1023 MiB'],
  [1.5 * 2 ** 30, '1.5 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
