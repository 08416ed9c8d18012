#!/usr/bin/env node
// @ts-check
// npm test [fast|soak]: makes what the tests need, runs them, and ends with one line that counts them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAcmeServer } from './acme-server.mjs';
import { readJson } from './atomic-file.mjs';
import { createContext } from './context.mjs';
import { ROOT } from './paths.mjs';
import { prepareDocker } from './prepare-docker.mjs';
import { prepareLibraries, prepareProgram } from './program.mjs';
import { SetupError } from './setup-error.mjs';
import { ensureSshClients } from './ssh-clients.mjs';
import { addCounts, closingLine, countVitest } from './test-summary.mjs';

/** Projects whose files go side by side, as many as vitest.config.ts says; the others wait for each other. */
const IN_PARALLEL = new Set(['unit', 'e2e']);

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
  const order = IN_PARALLEL.has(project) ? [] : ['--no-file-parallelism'];
  try {
    const result = await programs.attempt(
      runtime.node,
      [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project, ...order, ...reporters],
      { cwd: ROOT, output: 'inherit', env: { FAILURES_FILE: failuresPath } },
    );
    const report = await readJson(reportPath);
    const named = /** @type {readonly string[] | undefined} */ (await readJson(failuresPath));
    failures.push(...(named ?? []).map((failure) => `${project}: ${failure}`));
    return countVitest(report, result.code);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const counts = await main(process.argv.slice(2)).catch((error) => {
  context.report(error);
  return FAILED;
});
// What a suite said of its failures may be thousands of lines above.
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(`${closingLine(counts)}\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
