import type { Samples } from '../report/comparison.ts';

/** The least sample that `share` of all are at or below (nearest rank): 0.99 is p99. Throws where there are none. */
export function percentile(samples: Samples, share: number): number {
  const rank = Math.max(1, Math.ceil(samples.length * share));
  const found = samples.toSorted((a, b) => a - b)[rank - 1];
  if (found === undefined) throw new Error('no samples');
  return found;
}
