import { expect, test } from 'vitest';
import { loginNews } from './login-news.ts';

const DAY = 86_400_000;
const NOTHING = { deletedAt: undefined, deletedAfter: undefined };

test('most logins have no news', () => {
  expect(loginNews(NOTHING)).toEqual([]);
});

test('a cluster that was deleted since, and one that may be', () => {
  expect(loginNews({ deletedAt: Date.parse('2026-11-20T23:59:59Z'), deletedAfter: 14 * DAY })).toEqual([
    'Nobody used this lab for long, so its cluster was deleted on 2026-11-20; a new one is being made. Your home is as it was.',
    'If nobody comes for 14 d after you leave, the cluster of this lab is deleted; your home stays.',
  ]);
});

test('a deletion in a year is not worth a line at each login', () => {
  expect(loginNews({ ...NOTHING, deletedAfter: 90 * DAY })).toHaveLength(1);
  expect(loginNews({ ...NOTHING, deletedAfter: 365 * DAY })).toEqual([]);
});
