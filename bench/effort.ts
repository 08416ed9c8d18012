import type { Options } from './options.ts';
import type { BenchOptions } from './scenarios/bench.ts';

/** ms */
const SHORT_SLEEP = 10_000;
const LONG_SLEEP = 600_000;

/** How much is measured, and how often. */
export function effortOf({
  quick,
  rounds,
  long,
}: Pick<Options, 'quick' | 'rounds' | 'long'>): Omit<BenchOptions, 'setUp' | 'folder' | 'say'> {
  const turns = quick ? { quick: 2, slow: 1 } : { quick: rounds, slow: Math.ceil(rounds / 3) };
  const sleeps = [
    { ms: SHORT_SLEEP, rounds: turns.quick },
    ...(long ? [{ ms: LONG_SLEEP, rounds: turns.slow }] : []),
  ];
  const common = { rounds: turns, sleeps, silent: long };
  return quick
    ? {
        ...common,
        plain: false,
        watch: 5_000,
        sessions: [0, 20],
        path: { requests: 300, during: 1_000 },
        ssh: { keys: 100, mebibytes: 128 },
      }
    : {
        ...common,
        plain: true,
        watch: 20_000,
        sessions: [0, 20, 200],
        path: { requests: 2_000, during: 4_000 },
        ssh: { keys: 300, mebibytes: 256 },
      };
}
