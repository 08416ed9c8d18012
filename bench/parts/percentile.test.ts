import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentile } from './percentile.ts';

test('the rank that is nearest, of whatever order', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100]);
  expect(percentile([7], 0.5)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow('no samples');
});

test('is one of the samples, with as many at or below it as it says', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), share, (samples, share) => {
      const found = percentile(samples, share);
      expect(samples).toContain(found);
      expect(samples.filter((sample) => sample <= found).length).toBeGreaterThanOrEqual(
        samples.length * share,
      );
    }),
  );
});
