import { expect, test } from 'vitest';
import { namesByAnswer } from './names-by-answer.ts';

const SEED = Number(process.env.ROUTING_SEED ?? Date.now());
const WORKSPACES = 200;

test(`of ${WORKSPACES} workspaces with look-alike names each answers for its own and for no other's, seed ${SEED}`, {
  timeout: 300_000,
}, async () => {
  process.stdout.write(`seed ${SEED}; again with ROUTING_SEED=${SEED}\n`);
  const { asked, somebody, wrong } = await namesByAnswer(WORKSPACES, SEED, AbortSignal.timeout(290_000));
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(10 * WORKSPACES);
  expect(somebody).toBeGreaterThan(5 * WORKSPACES);
});
