import { expect, test } from 'vitest';
import { parsePinEnd, parsePinSpan } from './pin-time.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');

test.each([
  ['2h', 7_200_000],
  ['90m', 5_400_000],
  ['120d', 120 * 86_400_000],
])('a pin for %s', (text, ms) => {
  expect(parsePinSpan(text)).toBe(ms);
});

test.each(['', '2', '0h', 'soon', '-2h', '121d'])('no pin for %j', (text) => {
  expect(() => parsePinSpan(text)).toThrow(/such as/);
});

test('a pin until a time of some zone, and of the own one', () => {
  expect(parsePinEnd('2026-11-29T18:00Z', NOW)).toBe('2026-11-29T18:00:00.000Z');
  expect(parsePinEnd('2026-11-29T18:00:30+01:00', NOW)).toBe('2026-11-29T17:00:30.000Z');
  expect(parsePinEnd('2026-11-29T18:00', NOW)).toBe(new Date(2026, 10, 29, 18).toISOString());
});

test.each([
  '',
  'tomorrow',
  '2026-11-29',
  '2026-11-31T10:00',
  '2026-11-29T25:00',
  '2026-11-28T09:59Z',
  '2027-11-28T10:00Z',
])('no pin until %j', (text) => {
  expect(() => parsePinEnd(text, NOW)).toThrow();
});
