import { test } from 'vitest';
import { expectUnharmed } from './expect-unharmed.ts';

const STREAMS = Number(process.env.FUZZ_STREAMS ?? 10_000);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const TIMEOUT = 15 * 60_000;

test(`${STREAMS} mutated client streams do no harm, seed ${SEED}`, {
  timeout: TIMEOUT + 10_000,
}, async () => {
  await expectUnharmed('client', STREAMS, SEED, TIMEOUT);
});
