import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAULT_POINTS } from './ledger/fault-points.ts';
import {
  killAgainAndAgain,
  mistakesIn,
  moodyAnswers,
  type Round,
  survivedText,
} from './testing/kill-rounds.ts';
import { startReceiver } from './testing/receiver.ts';

/** All four sessions are there then, and none has ended. */
const EVERYBODY_THERE: Round = { point: 'enqueue: after commit', count: 8 };

/** Each point early and later; to recover from something somebody must have been there. */
const ROUNDS: readonly Round[] = FAULT_POINTS.flatMap((point): Round[] =>
  point.startsWith('recover')
    ? [EVERYBODY_THERE, { point, count: 1 }]
    : [
        { point, count: 1 },
        { point, count: 3 },
      ],
);

test('a factory that is killed at every point loses no hook, tells each under one key, and keeps their order', {
  timeout: 120_000,
}, async () => {
  const data = await mkdtemp(join(tmpdir(), 'hooks-'));
  await using receiver = await startReceiver();
  receiver.answer = moodyAnswers();
  const survived = await killAgainAndAgain(data, receiver, ROUNDS);
  await rm(data, { recursive: true });
  process.stdout.write(`${survivedText(survived, receiver.received)}\n`);
  expect([...survived.kills.keys()].toSorted()).toEqual([...FAULT_POINTS].toSorted());
  expect(mistakesIn(receiver.received, survived.began)).toEqual([]);
});
