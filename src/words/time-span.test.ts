import { expect, test } from 'vitest';
import { inWords } from './time-span.ts';

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
