import { expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { RekeyBudget } from './rekey-budget.ts';

const CLIENT = { burst: 64, refillBytes: 48 * 1024 };

function takeAll(budget: RekeyBudget, bytes = 0): number {
  let taken = 0;
  while (taken < 1_000 && budget.take(bytes)) taken += 1;
  return taken;
}

test('so many key exchanges may come at once, and more with time and with what was carried', async () => {
  const clock = new VirtualClock();
  const budget = new RekeyBudget(CLIENT, clock);
  expect(takeAll(budget)).toBe(64);
  await clock.advance(3_000);
  expect(takeAll(budget)).toBeLessThanOrEqual(3);
  expect(takeAll(budget, 480 * 1024)).toBeGreaterThan(5);
});

test('a long rest gives no more than one may have at once', async () => {
  const clock = new VirtualClock();
  const budget = new RekeyBudget(CLIENT, clock);
  await clock.advance(3_600_000);
  expect(takeAll(budget)).toBe(64);
});
