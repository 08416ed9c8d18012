import { expect, test } from 'vitest';
import { inWords, tookInWords } from './time-span.ts';

test.each([
  [-5_000, '0 s'],
  [0, '0 s'],
  [499, '0 s'],
  [59_600, '60 s'],
  [99_499, '99 s'],
  [99_500, '2 min'],
  [600_000, '10 min'],
  [5_969_000, '99 min'],
  [5_970_000, '2 h'],
  [172_799_000, '48 h'],
  [172_800_000, '2 d'],
])('%i ms are %s', (ms, words) => expect(inWords(ms)).toBe(words));

test.each([
  [-5, '0.00 s'],
  [42, '0.04 s'],
  [9_994, '9.99 s'],
  [9_995, '10.0 s'],
  [59_940, '59.9 s'],
  [59_950, '60 s'],
  [600_000, '10 min'],
])('%i ms took %s', (ms, words) => expect(tookInWords(ms)).toBe(words));
