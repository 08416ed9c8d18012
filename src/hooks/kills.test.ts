import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAULT_POINTS } from './ledger/fault-points.ts';
import {
  accountOf,
  killAgainAndAgain,
  moodyAnswers,
  type Round,
  survivedText,
} from './testing/kill-rounds.ts';
import { startReceiver } from './testing/receiver.ts';

/** All seven sessions are there then, and none has ended. */
const EVERYBODY_THERE: Round = { point: 'enqueue: after commit', count: 14 };

/** What a run may pass only once. */
const ONCE = /^(?:prune|delete|refuse|drop|give up|postpone|hurry):/;

/** Each point early and later; to recover from something somebody must have been there. */
const ROUNDS: readonly Round[] = FAULT_POINTS.flatMap((point): Round[] =>
  point.startsWith('recover')
    ? [EVERYBODY_THERE, { point, count: 1 }]
    : ONCE.test(point)
      ? [{ point, count: 1 }]
      : [
          { point, count: 1 },
          { point, count: 3 },
        ],
);

test('a factory that is killed at every point loses no hook, tells each under one key, and keeps their order', {
  timeout: 300_000,
}, async () => {
  const data = await mkdtemp(join(tmpdir(), 'hooks-'));
  await using receiver = await startReceiver();
  receiver.answer = moodyAnswers();
  const survived = await killAgainAndAgain(data, receiver, ROUNDS);
  await rm(data, { recursive: true });
  const account = accountOf(receiver.received, survived);
  process.stdout.write(`${survivedText(survived, account, receiver.received)}\n`);
  expect([...survived.kills.keys()].toSorted()).toEqual([...FAULT_POINTS].toSorted());
  expect(account.mistakes).toEqual([]);
});
