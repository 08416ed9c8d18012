// @ts-check
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashPaths } from './content-hash.mjs';
import { cacheFolder, ROOT } from './paths.mjs';
import { replaceFolder } from './replace-folder.mjs';
import { SetupError } from './setup-error.mjs';
import { works } from './trial.mjs';

/** Exact versions with the sums of their files, which pip checks. */
const PINS = 'setup/python-tools.txt';

/**
 * The Python programs that tests drive, in a virtual environment of their own, which is made once for these pins. Its programs are run as
 * `python3 -m ssh_audit`: those in its `bin` name the folder that it was made in.
 * @param {import('./program.mjs').Context} context
 * @returns {Promise<string>} its python3; an absolute path
 */
export async function ensurePythonTools({ steps, programs }) {
  const folder = join(
    cacheFolder(programs.env),
    `python-tools-${(await hashPaths(ROOT, [PINS])).slice(0, 12)}`,
  );
  const python = join(folder, 'bin', 'python3');
  // One whose Python the system has replaced since does not start.
  const isWhole = await works(programs, python, ['-c', 'import ssh_audit']);
  if (isWhole) return python;
  // Tests of another checkout may be running with it.
  if (isWhole === undefined) {
    throw new SetupError(`${python} came to no end.`, {
      hint: `run this again when the machine is less busy, or remove ${folder} where nobody uses it.`,
    });
  }
  await steps.run('Python programs for tests', () => install(folder, programs), { estimate: 20_000 });
  return python;
}

/**
 * @param {string} folder where they go, by rename: half an installation is never found there
 * @param {import('./programs.mjs').Programs} programs
 */
async function install(folder, programs) {
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.part-`);
  const pip = ['-m', 'pip', 'install', '--no-input', '--require-hashes', '--only-binary=:all:'];
  try {
    await programs.run('python3', ['-m', 'venv', work], {
      timeout: 120_000,
      hint: 'install Python 3.9 or newer with its module venv (Debian: apt-get install python3-venv).',
    });
    await programs.run(join(work, 'bin', 'python3'), [...pip, '-r', join(ROOT, PINS)], {
      timeout: 600_000,
      hint: 'look at what pip says above; it needs a package index, which pip.conf or PIP_INDEX_URL may name.',
    });
    await replaceFolder(work, folder).catch((error) => {
      if (!existsSync(folder)) throw error; // else another run was quicker
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
