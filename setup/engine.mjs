// @ts-check
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';
import { parseVersion } from './version.mjs';

const CAP_SYS_RESOURCE = 24n;
const ANSWERS_WITHIN = 20_000;

/** @typedef {{ version: string }} Engine */

/**
 * A Docker engine that answers and can run privileged containers, which k3d needs.
 * @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context
 * @returns {Promise<Engine>}
 */
export async function ensureEngine({ steps, programs }) {
  return steps.run(
    'Docker engine',
    async (step) => {
      let found = await askEngine(programs);
      if (found.state !== 'answers') {
        await refuseWhatIsNotOurs(found, programs.env);
        step.note('installing and starting it');
        await testbedUp(programs, step, 'docker');
        found = await askEngine(programs);
      }
      if (found.state !== 'answers') {
        throw new SetupError('The Docker engine was started but does not answer.', { output: found.said });
      }
      if (!programs.env.DOCKER_HOST && (await needsRuntimeWrapper(programs, found.version))) {
        step.note('this machine lacks CAP_SYS_RESOURCE: setting a runtime that does without');
        await testbedUp(programs, step, 'engine');
      }
      return { version: found.version };
    },
    { outcome: (engine) => `${engine.version} answers` },
  );
}

/**
 * @param {import('./programs.mjs').Programs} programs
 * @returns {Promise<{ state: 'answers', version: string } | { state: 'missing' | 'silent', said: string }>}
 */
async function askEngine(programs) {
  const asked = await programs.attempt('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeout: ANSWERS_WITHIN,
  });
  if (asked.code === 0) return { state: 'answers', version: asked.stdout.trim() };
  return { state: asked.code === 127 ? 'missing' : 'silent', said: asked.tail };
}

/**
 * Only root on Debian and its kin gets an engine from us; everybody else is told what to type.
 * @param {{ state: 'missing' | 'silent', said: string }} found
 * @param {NodeJS.ProcessEnv} env
 */
async function refuseWhatIsNotOurs(found, env) {
  const refuse = (/** @type {string} */ message, /** @type {string} */ hint) => {
    throw new SetupError(message, { hint, output: found.said, exitCode: EXIT_UNAVAILABLE });
  };
  if (env.DOCKER_HOST)
    refuse(`No Docker engine answers at DOCKER_HOST=${env.DOCKER_HOST}.`, 'start it, or unset DOCKER_HOST.');
  if (/permission denied/i.test(found.said)) {
    refuse(
      'You may not use the Docker engine.',
      'sudo usermod -aG docker "$USER", log out and in, and run this again.',
    );
  }
  if (process.platform === 'darwin') {
    refuse(
      'No Docker engine answers.',
      'start Docker Desktop, OrbStack or colima (brew install colima docker && colima start).',
    );
  }
  if (process.platform !== 'linux') refuse('No Docker engine answers.', 'on Windows, run this inside WSL 2.');
  const debian = existsSync('/usr/bin/apt-get');
  const root = process.getuid?.() === 0;
  if (debian && root) return;
  if (found.state === 'silent' && existsSync('/run/systemd/system')) {
    refuse('The Docker engine does not answer.', 'sudo systemctl enable --now docker');
  }
  if (debian)
    refuse(
      'There is no Docker engine.',
      'sudo apt-get install docker.io && sudo usermod -aG docker "$USER", then log out and in.',
    );
  refuse(
    'There is no Docker engine.',
    'install one (https://docs.docker.com/engine/install), start it, and run this again.',
  );
}

/**
 * Docker before 23 asks for every capability by name when a container is privileged; where the machine lacks
 * CAP_SYS_RESOURCE that fails.
 * @param {import('./programs.mjs').Programs} programs
 * @param {string} version
 */
async function needsRuntimeWrapper(programs, version) {
  if (process.platform !== 'linux' || Number(parseVersion(version)[0]) >= 23) return false;
  const status = await readFile('/proc/self/status', 'utf8');
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? 'ffffffffffffffff'}`);
  if ((bounding >> CAP_SYS_RESOURCE) & 1n) return false;
  const asked = await programs.attempt('docker', ['info', '--format', '{{.DefaultRuntime}}'], {
    timeout: ANSWERS_WITHIN,
  });
  return asked.stdout.trim() !== 'without-sys-resource';
}

/**
 * @param {import('./programs.mjs').Programs} programs
 * @param {import('./steps.mjs').Step} step
 * @param {string} piece
 */
async function testbedUp(programs, step, piece) {
  await programs.run(join(ROOT, 'testbed/up'), [piece], {
    onLine: (line) => step.note(line.replace(/^\s*[\d.]+ s\s+/, '')),
    hint: `read what it says above; testbed/up ${piece} repeats it.`,
  });
}
