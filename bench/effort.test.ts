import { expect, test } from 'vitest';
import { effortOf } from './effort.ts';

test('what takes minutes a round is measured when it is asked for, and a third as often', () => {
  const usual = effortOf({ quick: false, rounds: 6, long: false });
  expect(usual.sleeps).toEqual([{ ms: 10_000, rounds: 6 }]);
  expect(usual.silent).toBe(false);
  const long = effortOf({ quick: false, rounds: 6, long: true });
  expect(long.sleeps).toEqual([
    { ms: 10_000, rounds: 6 },
    { ms: 600_000, rounds: 2 },
  ]);
  expect(long.silent).toBe(true);
});

test('a look is quick, and sleeps long once when that is asked for', () => {
  expect(effortOf({ quick: true, rounds: 6, long: true })).toMatchObject({
    rounds: { quick: 2, slow: 1 },
    sleeps: [
      { ms: 10_000, rounds: 2 },
      { ms: 600_000, rounds: 1 },
    ],
    plain: false,
  });
});
