import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSetUp } from '../test/e2e/harness/set-up.ts';
import { sweepDeadRuns } from '../test/e2e/harness/sweeper.ts';
import { effortOf } from './effort.ts';
import { checkedOut, thisMachine } from './machine.ts';
import { parseOptions } from './options.ts';
import { sweepDeadBenches } from './parts/bare-names.ts';
import { publish } from './publish.ts';
import type { Report, Table } from './report/report.ts';
import { against } from './scenarios/against.ts';
import { atRest } from './scenarios/at-rest.ts';
import { Bench, type BenchOptions, type Scenario } from './scenarios/bench.ts';
import { besideSshd } from './scenarios/beside-sshd.ts';
import { clusterMemory } from './scenarios/cluster-memory.ts';
import { lastOneOut } from './scenarios/last-one-out.ts';
import { loginsAtOnce } from './scenarios/logins-at-once.ts';
import { newWorkspace } from './scenarios/new-workspace.ts';
import { resumed } from './scenarios/resumed.ts';
import { routeChanges } from './scenarios/route-changes.ts';
import { runningWorkspace } from './scenarios/running-workspace.ts';
import { stoppedWorkspace } from './scenarios/stopped-workspace.ts';
import { suspendedWorkspace } from './scenarios/suspended-workspace.ts';
import { throughTheApi } from './scenarios/through-the-api.ts';
import { throughTheRoutes } from './scenarios/through-the-routes.ts';
import { timeline } from './scenarios/timeline.ts';

// `npm run bench` prepares what this needs (setup/bench.mjs) and runs it.

const SCENARIOS: readonly Scenario[] = [
  atRest,
  newWorkspace,
  runningWorkspace,
  suspendedWorkspace,
  lastOneOut,
  resumed,
  timeline,
  loginsAtOnce,
  stoppedWorkspace,
  throughTheApi,
  throughTheRoutes,
  routeChanges,
  besideSshd,
  clusterMemory,
];

const NONE: ReadonlySet<Table> = new Set();

const options = parseOptions(process.argv.slice(2), SCENARIOS);
const wanted =
  options.against === undefined
    ? SCENARIOS.filter(({ name }) => options.only?.test(name) ?? true)
    : [against(options.against)];
const folder = await mkdtemp(join(tmpdir(), 'factory-bench-'));
try {
  const report = await measure(wanted, { setUp: await findSetUp(), folder, say, ...effortOf(options) });
  await publish(report, { ...options, replaced: process.exitCode === undefined ? options.replaced : NONE });
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(scenarios: readonly Scenario[], benchOptions: BenchOptions): Promise<Report> {
  await sweepDeadRuns();
  await sweepDeadBenches(benchOptions.setUp.k3d);
  const [machine, commit] = [await thisMachine(), await checkedOut()];
  await using bench = new Bench(benchOptions);
  for (const { name, run } of scenarios) {
    say(name);
    // What was found so far is worth having.
    await run(bench).catch((error: unknown) => failed(name, error));
  }
  const { comparisons, comingAndGoing, throughTheApi, ssh, loads, paths, memory } = bench;
  const routes = { throughTheRoutes: bench.throughTheRoutes, routeChanges: bench.routeChanges };
  const found = { comparisons, comingAndGoing, throughTheApi, ...routes, ssh, loads, paths, memory };
  const date = new Date().toISOString().slice(0, 10);
  return { date, commit, machine, rounds: benchOptions.rounds, ...found };
}

function failed(name: string, error: unknown): void {
  process.exitCode = 1;
  process.stderr.write(`!! ${name} could not be measured: ${error instanceof Error ? error.stack : error}\n`);
}

function say(text: string): void {
  process.stderr.write(`   ${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
