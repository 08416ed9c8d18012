import type { Options } from './options.ts';
import type { BenchOptions } from './scenarios/bench.ts';

/** How much is measured, and how often. */
export function effortOf({
  quick,
  rounds,
}: Pick<Options, 'quick' | 'rounds'>): Pick<BenchOptions, 'rounds' | 'plain' | 'watch' | 'sessions'> {
  if (quick) return { rounds: { quick: 2, slow: 1 }, plain: false, watch: 5_000, sessions: [0, 20] };
  return {
    rounds: { quick: rounds, slow: Math.ceil(rounds / 3) },
    plain: true,
    watch: 20_000,
    sessions: [0, 20, 200],
  };
}
