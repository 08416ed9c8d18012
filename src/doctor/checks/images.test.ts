import { expect, test } from 'vitest';
import { judgeImage, type Whereabouts } from './images.ts';

const WANTED = { image: 'lab:1', bring: 'docker build --tag lab:1 /labs/k3s' };

test.each<[Whereabouts, string, string | undefined]>([
  [{ kind: 'here' }, 'right', undefined],
  [{ kind: 'elsewhere', has: true }, 'doubtful', 'docker pull lab:1'],
  [{ kind: 'elsewhere', has: false, reason: 'not found' }, 'wrong', WANTED.bring],
  [
    { kind: 'arriving', state: 'building', note: '40 %' },
    'doubtful',
    './factory doctor   # again in a while',
  ],
  [{ kind: 'arriving', state: 'failed', note: 'no Go' }, 'wrong', WANTED.bring],
])('%j', (where, verdict, remedy) => {
  const judgement = judgeImage(WANTED, where);
  expect(judgement.verdict).toBe(verdict);
  if (judgement.verdict !== 'right') expect(judgement.remedy).toEqual([remedy]);
});
