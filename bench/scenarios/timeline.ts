import { join } from 'node:path';
import { eventually } from '../../test/e2e/harness/eventually.ts';
import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import { PROJECT } from '../../test/e2e/harness/set-up.ts';
import { type LogLine, logLines } from '../parts/factory-log.ts';
import { OurWorkspace } from '../parts/our-workspace.ts';
import type { Path } from '../report/report.ts';
import type { Bench, Scenario } from './bench.ts';

const MARKS = join(PROJECT, 'bench/parts/docker-call-marks.mjs');

type Seen = (line: LogLine) => boolean;

const unpause = (msg: string, node: boolean): Seen => {
  // Nodes are named by their ids, the lab container by its name.
  const path = node ? /^\/containers\/[0-9a-f]{64}\/unpause/ : /^\/containers\/lab\..*\/unpause/;
  return (line) => line.msg === msg && path.test(line.path ?? '');
};

interface Stage {
  readonly what: string;
  readonly ends: Seen;
}

/** The shell and the cluster of one login, side by side; each stage ends with a line of the factory's log. */
const SHELL: readonly Stage[] = [
  {
    what: '`ssh` starts, keys are exchanged, the student’s key is accepted',
    ends: ({ msg }) => msg === 'logged in',
  },
  { what: 'the container is looked at', ends: unpause('sent', false) },
  { what: 'Docker unpauses the container', ends: unpause('answered', false) },
  {
    what: 'it is looked at again, an exec of `sshd -i` is made',
    ends: ({ msg, path }) => msg === 'sent' && /^\/exec\/\w+\/start/.test(path ?? ''),
  },
  { what: 'Docker and sshd start, the inner login', ends: ({ msg }) => msg === 'inner connection ready' },
];
const REST = '`true` runs, `ssh` ends';
const CLUSTER: readonly Stage[] = [
  { what: 'until the login', ends: ({ msg }) => msg === 'logged in' },
  { what: 'the node is looked at', ends: unpause('sent', true) },
  { what: 'Docker unpauses the node', ends: unpause('answered', true) },
  { what: 'its API answers', ends: ({ msg, path }) => msg === 'answered' && path === '/readyz' },
  {
    what: 'Traefik serves the route, the kubeconfig is looked at',
    ends: ({ msg, part, action }) => msg === 'step done' && part === 'cluster' && action === 'connect',
  },
];

/** Where the time of `ssh host true` into a suspended workspace goes. */
export const timeline: Scenario = { name: 'timeline', table: 'timeline', run: measure };

async function measure({ options, paths }: Bench): Promise<void> {
  await using factory = await Factory.start({
    grace: '1s',
    labs: { k3s: CLUSTER_LAB },
    config: { log: { level: 'debug' } },
    env: { NODE_OPTIONS: `--import ${MARKS}` },
  });
  const ours = await OurWorkspace.of(factory, 'alice');
  await ours.prepare();
  const shell = new StageTimes('the shell', [...SHELL.map(({ what }) => what), REST]);
  const cluster = new StageTimes(
    'the cluster, meanwhile',
    CLUSTER.map(({ what }) => what),
  );
  for (let round = 0; round < options.rounds.quick; round += 1) {
    await ours.paused();
    const from = factory.log.length;
    const began = now();
    await ours.student.run('true');
    const ended = now();
    const ends = (path: readonly Stage[]) => endsOf(path, () => logLines(factory.log.slice(from)));
    shell.add(began, [...(await ends(SHELL)), ended]);
    cluster.add(began, await ends(CLUSTER));
  }
  paths.push(shell, cluster);
}

/** The times of the stages of one path, in their order. */
class StageTimes implements Path {
  readonly name: string;
  readonly stages: ReadonlyArray<{ readonly what: string; readonly samples: number[] }>;

  constructor(name: string, names: readonly string[]) {
    this.name = name;
    this.stages = names.map((what) => ({ what, samples: [] }));
  }

  /** `ends`: of each stage, ms since the epoch. */
  add(began: number, ends: readonly number[]): void {
    for (const [index, { samples }] of this.stages.entries())
      samples.push((ends[index] ?? Number.NaN) - (ends[index - 1] ?? began));
  }
}

/** Waits until the log has the end of every stage. */
async function endsOf(path: readonly Stage[], lines: () => readonly LogLine[]): Promise<readonly number[]> {
  return eventually(
    () => {
      const all = lines();
      const ends = path.flatMap(({ ends }) => all.find(ends)?.time ?? []);
      return ends.length === path.length && ends;
    },
    { what: 'the factory has logged the whole login', within: 20_000 },
  );
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
