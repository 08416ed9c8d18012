import { cpus, loadavg, release, totalmem } from 'node:os';
import { execa } from 'execa';
import { docker } from '../test/e2e/harness/docker.ts';
import { PROJECT } from '../test/e2e/harness/set-up.ts';
import type { Machine } from './report/report.ts';

export async function thisMachine(): Promise<Machine> {
  return {
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    docker: (await docker(['version', '--format', '{{.Server.Version}}'])).trim(),
    node: process.versions.node,
    load: loadavg()[0] ?? Number.NaN,
  };
}

/** What is checked out: a short hash, with "+" where files are changed; "unknown" outside a repository. */
export async function checkedOut(): Promise<string> {
  const { stdout, exitCode } = await execa(
    'git',
    ['describe', '--always', '--abbrev=9', '--exclude=*', '--dirty=+'],
    {
      cwd: PROJECT,
      reject: false,
      timeout: 10_000,
    },
  );
  return exitCode === 0 ? stdout.trim() : 'unknown';
}
