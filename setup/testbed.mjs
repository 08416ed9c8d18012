// @ts-check
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createBuildProgress, MAKES } from './build-progress.mjs';
import { roughDuration } from './duration.mjs';
import { ROOT, testbedCacheFolder } from './paths.mjs';
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';

/** @typedef {keyof typeof MAKES} Piece */
/** @typedef {{ programs: import('./programs.mjs').Programs }} Context */

/**
 * The names of the images and tools that the test bed makes.
 * @param {Context} context
 */
export async function standInNames({ programs }) {
  const names = [
    'SSHLAB_TESTBED_NODE_IMAGE',
    'SSHLAB_TESTBED_TRAEFIK_IMAGE',
    'SSHLAB_TESTBED_WHOAMI_IMAGE',
  ].concat('K3D_IMAGE_TOOLS', 'K3D_IMAGE_LOADBALANCER', 'SSHLAB_TESTBED_BIN');
  const print = names.map((name) => `"$${name}"`).join(' ');
  const said = await programs.run('bash', [
    '--norc',
    '-c',
    `eval "$("$0")" && printf '%s\\n' ${print}`,
    join(ROOT, 'testbed/env'),
  ]);
  const [node = '', traefik = '', whoami = '', tools = '', loadbalancer = '', bin = ''] =
    said.stdout.split('\n');
  return { node, traefik, whoami, tools, loadbalancer, bin };
}

/**
 * What the pieces consist of and is not in the test bed's cache yet. A guess from the names alone: it serves
 * estimates; testbed/up itself knows exactly.
 * @param {Context} context
 * @param {readonly Piece[]} pieces
 */
export async function missingParts({ programs }, pieces) {
  const cached = await readdir(testbedCacheFolder(programs.env)).catch(() => []);
  const parts = [...new Set(pieces.flatMap((piece) => MAKES[piece]))];
  return parts.filter((part) => !cached.some((name) => new RegExp(`^${part}-[0-9a-f]{12}$`).test(name)));
}

/**
 * Builds pieces of the test bed from source; what is there already costs a look.
 * @param {Context} context
 * @param {import('./steps.mjs').Step} step is told what is being made and how long the rest may take
 * @param {readonly Piece[]} pieces
 */
export async function buildPieces(context, step, pieces) {
  const { programs } = context;
  const missing = await missingParts(context, pieces);
  if (missing.length > 0) await requireGo(programs);
  const progress = createBuildProgress(missing);
  const show = () => {
    const name = progress.current();
    if (name) step.note(`building ${name} from source, ${roughDuration(progress.msLeft(Date.now()))} left`);
  };
  const timer = setInterval(show, 5_000);
  try {
    await programs.run(join(ROOT, 'testbed/up'), pieces, {
      onLine: (line) => {
        progress.line(line, Date.now());
        show();
      },
      hint: `read what it says above; testbed/up ${pieces.join(' ')} goes on where it stopped.`,
    });
  } finally {
    clearInterval(timer);
  }
}

/** @param {import('./programs.mjs').Programs} programs */
export async function goAnswers(programs) {
  return (await programs.attempt('go', ['version'], { timeout: 20_000 })).code === 0;
}

/** @param {import('./programs.mjs').Programs} programs */
async function requireGo(programs) {
  if (await goAnswers(programs)) return;
  throw new SetupError(
    'Nothing answers that has the programs and images ready-made, and building them needs Go.',
    {
      hint: 'connect this machine to a registry, or `docker load` the images (docs/setup.md), or install Go 1.26 (https://go.dev/dl).',
      exitCode: EXIT_UNAVAILABLE,
    },
  );
}
