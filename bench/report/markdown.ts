import { type Comparison, ratio, type Samples, summarize, verdict } from './comparison.ts';
import type { Load, Path, Report } from './report.ts';

/** What an idle session may cost of the factory's memory: 350 kB; in KiB. */
const MOST_PER_SESSION = 341;

/** What the README has: the comparisons, and the factory at rest. */
export function measuredSection(report: Report): string {
  const { comparisons, loads } = report;
  return [
    whereAndHowOften(report),
    ...(comparisons.length > 0 ? [comparisonTable(comparisons)] : []),
    ...(loads.length > 0 ? [loadTable(loads), ...perSession(loads)] : []),
  ].join('\n\n');
}

/** For the page on performance: the last one has gone, and somebody comes back. */
export function comingAndGoingSection(report: Report): string {
  return [whereAndHowOften(report, 'where it takes minutes'), comparisonTable(report.comingAndGoing)].join(
    '\n\n',
  );
}

/** For the page on performance: a cluster by the HTTP API. */
export function throughTheApiSection(report: Report): string {
  return [whereAndHowOften(report), comparisonTable(report.throughTheApi)].join('\n\n');
}

/** Where the time goes, for the page on performance. */
export function timelineSection(report: Report): string {
  const lines = report.paths.flatMap(({ name, stages }) => pathRows(name, stages));
  const head = row(['', 'stage', 'takes, ms', 'ends at, ms']);
  return [whereAndHowOften(report), [head, row(Array(4).fill('---')), ...lines].join('\n')].join('\n\n');
}

/** On which machine, and when. */
export function circumstances({ machine, commit, date }: Report): string {
  return (
    `${machine.cores} cores, ${machine.memoryGib} GiB, Linux ${machine.kernel}, Docker ${machine.docker}, Node ${machine.node}; ` +
    `load ${machine.load.toFixed(1)} at the start; commit ${commit}, ${date}.`
  );
}

/** Where and how often; `slow`: what was measured in fewer rounds. */
function whereAndHowOften(report: Report, slow = 'where a cluster is made or started'): string {
  const { rounds } = report;
  return `${circumstances(report)} Median (least–most) of ${rounds.quick} rounds, ${rounds.slow} ${slow}.`;
}

/** Medians add up to about the whole: they are of different rounds. */
function pathRows(name: string, stages: Path['stages']): string[] {
  let end = 0;
  return stages.map(({ what, samples }, index) => {
    const { median, min, max } = summarize(samples);
    end += median;
    const takes = `${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)})`;
    return row([index === 0 ? name : '', what, takes, end.toFixed(0)]);
  });
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map((comparison) =>
    row([
      comparison.what,
      seconds(comparison.ours),
      comparison.beside,
      seconds(comparison.theirs),
      ratio(comparison).toFixed(2),
      goalCell(comparison),
    ]),
  );
  return [row(['', 's', 'beside it', 's', 'ratio', 'goal']), row(Array(6).fill('---')), ...lines].join('\n');
}

function goalCell(comparison: Comparison): string {
  const found = verdict(comparison);
  return found === undefined ? '' : `≤ ${inSeconds(found.limit)}: ${found.reached ? 'reached' : 'missed'}`;
}

function loadTable(loads: readonly Load[]): string {
  const lines = loads.map(({ sessions, memoryKib, cpuPercent }) =>
    row([String(sessions), (memoryKib / 1024).toFixed(0), cpuPercent.toFixed(1)]),
  );
  const head = row(['idle sessions', "the factory's memory, MiB", 'its CPU, % of one core']);
  return [head, row(Array(3).fill('---')), ...lines].join('\n');
}

function perSession(loads: readonly Load[]): string[] {
  const [least, most] = [loads[0], loads.at(-1)];
  if (least === undefined || most === undefined || most.sessions === least.sessions) return [];
  const kib = (most.memoryKib - least.memoryKib) / (most.sessions - least.sessions);
  const verdict = `the goal is ${MOST_PER_SESSION} at most: ${kib <= MOST_PER_SESSION ? 'reached' : 'missed'}`;
  return [`An idle session costs ${kib.toFixed(0)} KiB of the factory's memory; ${verdict}.`];
}

function seconds(samples: Samples): string {
  const { median, min, max } = summarize(samples);
  if (samples.length === 1) return inSeconds(median);
  return `${inSeconds(median)} (${inSeconds(min)}–${inSeconds(max)})`;
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 3 : 1);
}

/** Of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
