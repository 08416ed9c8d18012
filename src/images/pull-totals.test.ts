import { expect, test } from 'vitest';
import { PullTotals } from './pull-totals.ts';

test('adds the layers up and speaks only when there is news', () => {
  const totals = new PullTotals();
  const layer = (id: string, current: number, total: number) =>
    totals.add({ id, status: 'Downloading', progressDetail: { current, total } });
  expect(totals.add({ status: 'Pulling from library/debian' })).toBeUndefined();
  expect(layer('a', 10e6, 100e6)).toBe('10 % of 100 MB');
  expect(layer('a', 10e6 + 1, 100e6)).toBeUndefined();
  expect(layer('b', 50e6, 100e6)).toBe('30 % of 200 MB');
});
