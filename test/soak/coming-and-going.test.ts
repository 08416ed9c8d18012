import { test } from 'vitest';
import { comingAndGoing } from './coming-and-going.ts';

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 30);
const SEED = Number(process.env.SOAK_SEED ?? Date.now());

test(`${ROUNDS} rounds of coming and going, seed ${SEED}`, { timeout: ROUNDS * 60_000 }, async (context) => {
  await comingAndGoing(ROUNDS, SEED, context);
});
