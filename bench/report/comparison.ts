/** Times in ms, or bytes, in the order in which they were taken. */
export type Samples = readonly number[];

/** What our time may be: `factor` times the other's, and `plus` ms. */
export interface Goal {
  readonly factor: number;
  readonly plus: number;
}

/** One thing that we do, and beside it the nearest that can be done without us, timed in turn. */
export interface Comparison {
  readonly what: string;
  readonly ours: Samples;
  readonly beside: string;
  readonly theirs: Samples;
  readonly goal?: Goal;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws where there is nothing to summarise. */
export function summarize(samples: Samples): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined)
    throw new Error('no samples');
  return { median: (low + high) / 2, min, max };
}

/** Our median in theirs. */
export function ratio({ ours, theirs }: Pick<Comparison, 'ours' | 'theirs'>): number {
  return summarize(ours).median / summarize(theirs).median;
}

export interface Verdict {
  /** ms */
  readonly limit: number;
  readonly reached: boolean;
}

/** Undefined: nobody set a goal. */
export function verdict({ ours, theirs, goal }: Comparison): Verdict | undefined {
  if (goal === undefined) return undefined;
  const limit = goal.factor * summarize(theirs).median + goal.plus;
  return { limit, reached: summarize(ours).median <= limit };
}
