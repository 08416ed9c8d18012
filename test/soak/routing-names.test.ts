import { expect, test } from 'vitest';
import { namesByAnswer } from '../routing/names-by-answer.ts';

const SEED = Number(process.env.SOAK_SEED ?? Date.now());
const WORKSPACES = Number(process.env.SOAK_WORKSPACES ?? 2_000);
const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 10);

test(`${WORKSPACES} workspaces with look-alike names each answer for their own names only, seed ${SEED}`, {
  timeout: 20 * 60_000,
}, async () => {
  const { asked, wrong } = await namesByAnswer(WORKSPACES, SEED, AbortSignal.timeout(19 * 60_000));
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(10 * WORKSPACES);
});

test(`the same with ${ROUNDS} other sets of 200, seeds from ${SEED} on`, {
  timeout: ROUNDS * 2 * 60_000,
}, async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    const { wrong } = await namesByAnswer(200, SEED + round, AbortSignal.timeout(120_000));
    expect(wrong, `seed ${SEED + round}`).toEqual([]);
  }
});
