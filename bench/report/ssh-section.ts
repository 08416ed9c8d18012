import { ratio, type Samples } from './comparison.ts';
import { row } from './markdown.ts';
import type { Report } from './report.ts';
import { figure, howOften } from './routes-section.ts';
import { type SshComparison, sshVerdict } from './ssh.ts';

/** For the page on performance: SSH through the factory, and without it. */
export function sshSection(report: Report): string {
  const lines = report.ssh.map((comparison) => {
    const { what, unit, ours, sshd, bridge } = comparison;
    const others = [sshd, bridge].flatMap((theirs) => [figure(theirs), share(ours, theirs)]);
    return row([what, unit, figure(ours), ...others, goalCell(comparison)]);
  });
  const head = row(['', 'unit', 'ours', 'plain sshd', 'ratio', 'bare bridge', 'ratio', 'goal']);
  return [howOften(report), [head, row(Array(8).fill('---')), ...lines].join('\n')].join('\n\n');
}

function share(ours: Samples, theirs: Samples): string {
  return theirs.length === 0 ? '' : ratio({ ours, theirs }).toFixed(2);
}

function goalCell(comparison: SshComparison): string {
  const found = sshVerdict(comparison);
  return found === undefined ? '' : `${found.text}: ${found.reached ? 'reached' : 'missed'}`;
}
