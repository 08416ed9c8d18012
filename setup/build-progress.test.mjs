import { expect, test } from 'vitest';
import { createBuildProgress } from './build-progress.mjs';

const minute = 60_000;
const expected = () => 2 * minute;
const putTogether = 10_000;

test('what is left goes down with each piece and while one is being made', () => {
  const progress = createBuildProgress(['coredns', 'k3s'], expected);
  expect(progress.msLeft(0)).toBe(4 * minute + putTogether);
  progress.line('   0.1 s  coredns: making', 0);
  expect(progress.current()).toBe('coredns');
  expect(progress.msLeft(minute)).toBe(3 * minute + putTogether);
  progress.line(' 120.1 s  coredns: made in 120.000 s', 2 * minute);
  expect(progress.msLeft(2 * minute)).toBe(2 * minute + putTogether);
});

test('a machine that is twice as slow is expected to stay so', () => {
  const progress = createBuildProgress(['coredns', 'k3s'], expected);
  progress.line(' 240.1 s  coredns: made in 240.000 s', 4 * minute);
  expect(progress.msLeft(4 * minute)).toBe(4 * minute + putTogether);
});

test('a piece that takes too long is never about to be done, and other lines change nothing', () => {
  const progress = createBuildProgress(['k3s'], expected);
  progress.line('   0.1 s  k3s: making', 0);
  progress.line(' 3000.1 s  images: all there', 10);
  progress.line(' 3000.1 s  somebody: made in 7.000 s', 10);
  expect(progress.msLeft(60 * minute)).toBeGreaterThan(putTogether);
});
