#!/usr/bin/env node
// @ts-check
// npm test [fast|soak]: makes what the tests need, runs them, and ends with one line that counts them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureAcmeServer } from './acme-server.mjs';
import { readJson } from './atomic-file.mjs';
import { createContext } from './context.mjs';
import { ROOT } from './paths.mjs';
import { prepareDocker } from './prepare-docker.mjs';
import { prepareLibraries, prepareProgram } from './program.mjs';
import { filesToRunAgain, reportOfBoth } from './second-run.mjs';
import { SetupError } from './setup-error.mjs';
import { ensureSshClients } from './ssh-clients.mjs';
import { addCounts, closingLine, countVitest } from './test-summary.mjs';

/** Projects whose files go side by side, as many as vitest.config.ts says; the others wait for each other. */
const IN_PARALLEL = new Set(['unit', 'e2e']);

/**
 * Their files run a second time where they fail, one after the other: what a busy machine does to real programs is not to hide what a change breaks. What
 * failed at first is said all the same, as it is a fault of the test or of the product.
 */
const WITH_REAL_PARTS = new Set(['rooms', 'light-rooms', 'engine', 'e2e']);

const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const FAILED = { ...NOTHING, failed: 1 };

/**
 * Projects of vitest.config.ts, one stage after the other. The model takes one core, the rooms wait for Docker or for
 * a client most of the time, and engines that are taken away are nobody else's: these go side by side.
 *
 * @type {Record<string, { docker: boolean, stages: readonly (readonly string[])[] }>}
 */
const KINDS = {
  fast: { docker: false, stages: [['unit']] },
  all: { docker: true, stages: [['unit'], ['model', 'rooms', 'light-rooms', 'engine'], ['e2e']] },
  soak: { docker: true, stages: [['soak']] },
};

const context = createContext();
const { programs } = context;
/** @type {string[]} */
const failures = [];
/** @type {string[]} */
const failedAtFirst = [];

/** @param {readonly string[]} args @returns {Promise<import('./test-summary.mjs').Counts>} */
async function main([name = 'all', ...more]) {
  const kind = KINDS[name];
  if (!kind || more.length > 0)
    throw new SetupError('usage: node setup/test.mjs [fast|soak]', { exitCode: 2 });
  const runtime = await (kind.docker ? prepareProgram(context) : prepareLibraries(context));
  if (kind.docker) {
    await prepareDocker(context);
    await ensureAcmeServer(context);
    await ensureSshClients(context);
  }
  const counts = await Promise.all([check(runtime, 'lint'), check(runtime, 'typecheck')]);
  for (const stage of kind.stages) {
    counts.push(...(await Promise.all(stage.map((project) => vitest(runtime, project)))));
  }
  return addCounts(counts);
}

/**
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {'lint' | 'typecheck'} script of package.json
 */
async function check(runtime, script) {
  const [npm, ...npmArgs] = runtime.npm;
  const result = await programs.attempt(npm, [...npmArgs, 'run', '--silent', script], {
    cwd: ROOT,
    output: 'inherit',
  });
  if (result.code === 0) return NOTHING;
  failures.push(`npm run ${script}`);
  return FAILED;
}

/**
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {string} project of vitest.config.ts
 */
async function vitest(runtime, project) {
  const first = await runVitest(runtime, project);
  const again = WITH_REAL_PARTS.has(project) ? filesToRunAgain(first) : [];
  if (again.length === 0) return conclude(project, first);
  failedAtFirst.push(...first.failures.map((failure) => `${project}: ${failure}`));
  context.steps.say(
    `${project}: its files that failed run again: ${again.map((file) => relative(ROOT, file)).join(', ')}`,
  );
  const second = await runVitest(runtime, project, again);
  return conclude(project, { ...second, report: reportOfBoth(first, second) });
}

/** @param {string} project @param {import('./second-run.mjs').VitestRun} run */
function conclude(project, { report, code, failures: named }) {
  failures.push(...named.map((failure) => `${project}: ${failure}`));
  return countVitest(report, code);
}

/**
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {string} project of vitest.config.ts
 * @param {readonly string[]} [files] these alone, one after the other
 * @returns {Promise<import('./second-run.mjs').VitestRun>}
 */
async function runVitest(runtime, project, files = []) {
  const work = await mkdtemp(join(tmpdir(), 'ssh-lab-factory-test-'));
  const reportPath = join(work, 'report.json');
  const failuresPath = join(work, 'failures.json');
  // The default one writes into the errors it shows, so it comes last.
  const reporters = [
    `--reporter=${join(ROOT, 'setup/failure-reporter.mjs')}`,
    '--reporter=json',
    `--outputFile.json=${reportPath}`,
    '--reporter=default',
  ];
  const order = IN_PARALLEL.has(project) && files.length === 0 ? [] : ['--no-file-parallelism'];
  const vitestProgram = join(ROOT, 'node_modules/vitest/vitest.mjs');
  try {
    const { code } = await programs.attempt(
      runtime.node,
      [vitestProgram, 'run', '--project', project, ...order, ...reporters, ...files],
      { cwd: ROOT, output: 'inherit', env: { FAILURES_FILE: failuresPath } },
    );
    const named = /** @type {readonly string[] | undefined} */ (await readJson(failuresPath));
    return { code, report: await readJson(reportPath), failures: named ?? [] };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const counts = await main(process.argv.slice(2)).catch((error) => {
  context.report(error);
  return FAILED;
});
// What a suite said of its failures may be thousands of lines above.
for (const failure of failedAtFirst) process.stdout.write(`failed at first: ${failure}\n`);
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(`${closingLine(counts)}\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
