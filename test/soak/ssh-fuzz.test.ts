import { test } from 'vitest';
import { expectUnharmed } from '../gateway/fuzz/server-side.ts';

const STREAMS = Number(process.env.FUZZ_STREAMS ?? 100_000);
const SEED = Number(process.env.SOAK_SEED ?? Date.now() % 2 ** 31);
const TIMEOUT = 28 * 60_000;

test(`${STREAMS} mutated client streams do no harm, seed ${SEED}`, {
  timeout: TIMEOUT + 10_000,
}, async () => {
  await expectUnharmed(STREAMS, SEED, TIMEOUT);
});
