import type { CheckName } from './checks.ts';
import type { Judgement, Skipped } from './judgement.ts';

/** What came of one check. `skipped`: it could not be looked at, and is not counted as right. */
export type Finding = { readonly check: CheckName } & (Judgement | Skipped);

export type Verdict = Finding['verdict'];

export const VERDICTS = ['right', 'doubtful', 'wrong', 'skipped'] as const satisfies readonly Verdict[];

export function countVerdicts(findings: readonly Finding[]): Readonly<Record<Verdict, number>> {
  const counts = { right: 0, doubtful: 0, wrong: 0, skipped: 0 };
  for (const { verdict } of findings) counts[verdict] += 1;
  return counts;
}
