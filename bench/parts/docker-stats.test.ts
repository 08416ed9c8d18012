import { expect, test } from 'vitest';
import { memoryUsed } from './docker-stats.ts';

test.each([
  ['455.5MiB / 2GiB', 455.5 * 2 ** 20],
  ['1.25GiB / 23.5GiB', 1.25 * 2 ** 30],
  ['12KiB / 2GiB\n', 12 * 2 ** 10],
  ['0B / 0B', undefined],
  ['-- / --', undefined],
])('%j', (text, bytes) => {
  expect(memoryUsed(text)).toBe(bytes);
});
