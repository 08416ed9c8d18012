import { test } from 'vitest';
import { comesBack } from './comes-back.ts';

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 100);

test(`a cluster comes back from ${ROUNDS} suspends and half as many stops`, {
  timeout: ROUNDS * 60_000,
}, async (context) => {
  const crossings = Math.ceil(ROUNDS / 4);
  await comesBack({ suspends: ROUNDS - crossings, crossings, stops: Math.ceil(ROUNDS / 2) }, context);
});
