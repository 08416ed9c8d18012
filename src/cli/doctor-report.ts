import { styleText } from 'node:util';
import { countVerdicts, type Finding, VERDICTS, type Verdict } from '../doctor/finding.ts';

const MARKS = {
  right: { mark: '✓', color: 'green' },
  doubtful: { mark: '!', color: 'yellow' },
  wrong: { mark: '✗', color: 'red' },
  skipped: { mark: '–', color: 'gray' },
} as const satisfies Record<Verdict, { mark: string; color: string }>;

const WORDS = {
  right: 'right',
  doubtful: 'doubtful',
  wrong: 'wrong',
  skipped: 'not looked at',
} as const satisfies Record<Verdict, string>;

/** Room for the longest name of a check. */
const NAME_WIDTH = 15;

/** One line, and below it what to type or to take over. Colours only where standard output is a terminal. */
export function formatFinding(finding: Finding): string {
  const { mark, color } = MARKS[finding.verdict];
  const line = `${styleText(color, mark)} ${finding.check.padEnd(NAME_WIDTH)} ${finding.text}`;
  const below = 'remedy' in finding ? finding.remedy : detailsOf(finding);
  return [line, ...below.map((text) => `${' '.repeat(NAME_WIDTH + 3)}${text}`)].join('\n');
}

/** "20 right, 1 doubtful, 1 wrong." */
export function formatCounts(findings: readonly Finding[]): string {
  const counts = countVerdicts(findings);
  const parts = VERDICTS.flatMap((verdict) =>
    counts[verdict] === 0 ? [] : [`${counts[verdict]} ${WORDS[verdict]}`],
  );
  return `${parts.join(', ')}.`;
}

function detailsOf(finding: Finding): readonly string[] {
  return ('details' in finding && finding.details) || [];
}

/** For scripts. The keys are stable; `remedy` is empty where there is nothing to type, and `details` where there is nothing to take over. */
export function formatJson(findings: readonly Finding[]): string {
  const report = {
    findings: findings.map((finding) => ({
      check: finding.check,
      verdict: finding.verdict,
      text: finding.text,
      remedy: 'remedy' in finding ? finding.remedy : [],
      details: detailsOf(finding),
    })),
    counts: countVerdicts(findings),
  };
  return JSON.stringify(report, undefined, 2);
}
