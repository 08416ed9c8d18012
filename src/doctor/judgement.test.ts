import { expect, test } from 'vitest';
import { doubtful, right, together, wrong } from './judgement.ts';

test('all right is right, in words of its own', () => {
  expect(together([right('one'), right('two')], 'all fine')).toEqual(right('all fine'));
  expect(together([], 'nothing to look at')).toEqual(right('nothing to look at'));
});

test('several are as bad as the worst, which comes first, and each remedy stands once', () => {
  const judgements = [doubtful('hmm', 'look', 'again'), right('fine'), wrong('broken', 'mend', 'look')];
  expect(together(judgements, 'unused')).toEqual(wrong('broken; hmm', 'mend', 'look', 'again'));
});
