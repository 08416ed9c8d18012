import { counted } from '../../src/words/amounts.ts';
import { type Samples, summarize } from './comparison.ts';
import { circumstances, row } from './markdown.ts';
import { fitting, type MemoryUse, type WorkspaceMemory } from './memory.ts';
import type { Report } from './report.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Hosts whose places are counted; GiB. */
const HOSTS = [8, 16, 32, 64];

/** For the page on performance: what a workspace that does nothing takes, and how many fit in a host. */
export function memorySection(report: Report, memory: WorkspaceMemory): string {
  const how = `Median (least–most) of ${counted(report.rounds.slow, 'round')}; nodes of \`${memory.image}\`. In MiB:`;
  const fit =
    'Workspaces that fit into a host, each a cluster of one node and a container, all doing nothing:';
  return [`${circumstances(report)} ${how}`, useTable(memory), fit, hostTable(memory)].join('\n\n');
}

function useTable({ clusters, agent, container }: WorkspaceMemory): string {
  const head = row(['', 'awake', 'of the full one', 'paused', 'stopped', '`docker stats`, awake']);
  const full = clusters[0];
  const lines = [...clusters, agent, container].map((use) =>
    row([
      use.what,
      mebibytes(use.awake),
      full !== undefined && use !== full && clusters.includes(use) ? share(use, full) : '',
      mebibytes(use.paused),
      mebibytes(use.stopped),
      use.dockerStats.length === 0 ? 'no figures' : mebibytes(use.dockerStats),
    ]),
  );
  return [head, row(Array(6).fill('---')), ...lines].join('\n');
}

function hostTable({ clusters, container }: WorkspaceMemory): string {
  const head = row(['', ...HOSTS.map((gib) => `${gib} GiB`)]);
  const lines = clusters.map((cluster) =>
    row([cluster.what, ...HOSTS.map((gib) => String(fitting(gib * GIB, cluster, container)))]),
  );
  return [head, row(Array(HOSTS.length + 1).fill('---')), ...lines].join('\n');
}

function share(use: MemoryUse, full: MemoryUse): string {
  return `${((summarize(use.awake).median / summarize(full.awake).median) * 100).toFixed(0)} %`;
}

function mebibytes(samples: Samples): string {
  const { median, min, max } = summarize(samples);
  const [middle, least, most] = [median, min, max].map((bytes) => (bytes / MIB).toFixed(0));
  return least === most ? `${middle}` : `${middle} (${least}–${most})`;
}
