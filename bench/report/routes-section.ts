import { counted } from '../../src/words/amounts.ts';
import { ratio, type Samples, summarize } from './comparison.ts';
import { circumstances, row } from './markdown.ts';
import type { Report } from './report.ts';

/** For the page on performance: what it costs that the factory's Traefik is between a browser and the cluster's. */
export function throughTheRoutesSection(report: Report): string {
  const lines = report.throughTheRoutes.map((comparison) => {
    const { what, unit, ours, theirs } = comparison;
    return row([what, unit, figure(ours), figure(theirs), ratio(comparison).toFixed(2)]);
  });
  const head = row(['', 'unit', "through the factory's Traefik", "the node's own port", 'ratio']);
  return [howOften(report), [head, row(Array(5).fill('---')), ...lines].join('\n')].join('\n\n');
}

/** For the page on performance: how soon a route has changed. */
export function routeChangesSection(report: Report): string {
  const lines = report.routeChanges.map(({ workspaces, fileBytes, written, effect, known, tenKnown, cpu }) =>
    row([
      String(workspaces),
      (fileBytes / 1024).toFixed(0),
      ...[written, effect, known, tenKnown, cpu.factory, cpu.traefik].map(figure),
    ]),
  );
  const head = row([
    'workspaces',
    'the file, KiB',
    'from the order until it is written',
    'from then until a request goes the new way',
    'from the order until it is known',
    'ten at once, all known',
    'CPU of the factory',
    'CPU of Traefik',
  ]);
  const table = [head, row(Array(8).fill('---')), ...lines].join('\n');
  return [`${howOften(report)} In ms:`, table].join('\n\n');
}

export function howOften(report: Report): string {
  return `${circumstances(report)} Median (least–most) of ${counted(report.rounds.quick, 'round')}.`;
}

export function figure(samples: Samples): string {
  if (samples.length === 0) return '';
  const { median, min, max } = summarize(samples);
  if (samples.length === 1) return rounded(median);
  return `${rounded(median)} (${rounded(min)}–${rounded(max)})`;
}

/** With as many digits as tell something. */
function rounded(number: number): string {
  if (number >= 100) return number.toFixed(0);
  return number.toFixed(number >= 10 ? 1 : 2);
}
