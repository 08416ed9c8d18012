import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAULT_POINTS } from '../../src/hooks/ledger/fault-points.ts';
import {
  accountOf,
  killAgainAndAgain,
  moodyAnswers,
  survivedText,
} from '../../src/hooks/testing/kill-rounds.ts';
import { startReceiver } from '../../src/hooks/testing/receiver.ts';

/** Of each point at its first passing, its second, and so on: some are passed once or not at all in a run, which ends by itself then. */
const PASSINGS = 60;

/** ms; 25 minutes of it on two cores that others use as well. */
const LIMIT = 3_600_000;

test('factories that are killed hundreds of times in a row lose no hook', { timeout: LIMIT }, async () => {
  const data = await mkdtemp(join(tmpdir(), 'hooks-'));
  await using receiver = await startReceiver();
  receiver.answer = moodyAnswers();
  const rounds = Array.from({ length: PASSINGS }, (_, index) =>
    FAULT_POINTS.map((point) => ({ point, count: /^(?:recover|prune)/.test(point) ? 1 : (index % 12) + 1 })),
  ).flat();
  const survived = await killAgainAndAgain(data, receiver, rounds);
  await rm(data, { recursive: true });
  const account = accountOf(receiver.received, survived);
  process.stdout.write(`${survivedText(survived, account, receiver.received)}\n`);
  expect([...survived.kills.values()].reduce((one, other) => one + other, 0)).toBeGreaterThan(500);
  expect(account.mistakes).toEqual([]);
});
