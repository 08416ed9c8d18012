import { test } from 'vitest';
import { expectUnharmed } from '../gateway/fuzz/expect-unharmed.ts';

const STREAMS = Number(process.env.FUZZ_STREAMS ?? 100_000);
const SEED = Number(process.env.FUZZ_SEED ?? process.env.SOAK_SEED ?? Date.now() % 2 ** 31);
const TIMEOUT = 28 * 60_000;

test.each([
  ['clients', 'client'],
  ['servers', 'server'],
] as const)(
  `${STREAMS} mutated streams of hostile %s do no harm, seed ${SEED}`,
  {
    timeout: TIMEOUT + 10_000,
  },
  async (_, side) => {
    await expectUnharmed(side, STREAMS, SEED, TIMEOUT);
  },
);
