/** ms */
export type Sample = number;

/** One thing that we do, and beside it the nearest that can be done without us. */
export interface Comparison {
  readonly what: string;
  readonly ours: readonly Sample[];
  readonly beside: string;
  readonly theirs: readonly Sample[];
}

export async function timed(action: () => Promise<unknown>): Promise<Sample> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

export function median(samples: readonly Sample[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A Markdown table of medians in seconds, with the ratio ours / theirs. */
export function printTable(rows: readonly Comparison[]): string {
  const lines = rows.map(({ what, ours, beside, theirs }) => {
    const [a, b] = [median(ours), median(theirs)];
    return `| ${what} | ${seconds(a)} | ${beside} | ${seconds(b)} | ${(a / b).toFixed(2)} |`;
  });
  return ['| | s | beside it | s | ratio |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 3 : 1);
}
