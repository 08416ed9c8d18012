import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressIn, formatRange, overlap, parseRange, rangesWithin } from './ipv4-range.ts';

const range = fc
  .record({ first: fc.nat(0xffffff), prefix: fc.integer({ min: 8, max: 32 }) })
  .map(({ first, prefix }) => {
    const size = 2 ** (32 - prefix);
    return { first: 0x0a000000 + first - (first % size), prefix };
  });

test('a range survives formatting and parsing', () => {
  fc.assert(
    fc.property(range, (one) => {
      expect(parseRange(formatRange(one))).toEqual(one);
    }),
  );
});

test('two ranges overlap exactly where the larger one holds the smaller', () => {
  fc.assert(
    fc.property(range, range, (one, other) => {
      const [outer, inner] = one.prefix <= other.prefix ? [one, other] : [other, one];
      const held = parseRange(`${addressIn(inner, 0)}/${outer.prefix}`)?.first === outer.first;
      expect(overlap(one, other)).toBe(held);
      expect(overlap(other, one)).toBe(held);
    }),
  );
});

test('a /16 holds 4096 /28s that do not overlap', () => {
  const pool = parseRange('10.209.0.0/16');
  const ranges = pool ? [...rangesWithin(pool, 28)] : [];
  expect(ranges.map(formatRange).slice(0, 2)).toEqual(['10.209.0.0/28', '10.209.0.16/28']);
  expect(new Set(ranges.map(formatRange)).size).toBe(4096);
});

test.each(['', 'fd00::/64', '10.0.0.0', '10.0.0.0/33', '300.0.0.0/8'])('%j is no IPv4 range', (text) => {
  expect(parseRange(text)).toBeUndefined();
});
