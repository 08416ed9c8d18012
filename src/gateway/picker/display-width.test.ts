import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth, fitInto, shownText } from './display-width.ts';

test.each([
  ['plain', 5],
  ['', 0],
  ['é', 1],
  ['e\u0301', 1],
  ['日本語', 6],
  ['ｆｕｌｌ', 8],
  ['ﾊﾝｶｸ', 4],
  ['한국어', 6],
  ['🚀', 2],
  ['Ψ', 1],
])('%s takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

test.each([
  ['a cluster of your own', 30, 'a cluster of your own'],
  ['a cluster of your own', 12, 'a cluster...'],
  ['日本語の説明', 8, '日本...'],
  ['日本語の説明', 12, '日本語の説明'],
  ['e\u0301e\u0301e\u0301e\u0301e\u0301', 4, 'e\u0301...'],
  ['long', 3, '...'],
  ['long', 1, '.'],
  ['long', 0, ''],
])('%s in %i columns is %s', (text, columns, shown) => {
  expect(fitInto(text, columns)).toBe(shown);
});

test('any text fits into any room', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(80), (text, columns) => {
      expect(displayWidth(fitInto(shownText(text), columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test('nothing that is shown drives the terminal, or turns the direction of the text', () => {
  expect(shownText('a\x1b[2J\x9b1m\u202eb\u2066c\u200fd\u2028e\u200d')).toBe('a[2J1mbcde');
});
