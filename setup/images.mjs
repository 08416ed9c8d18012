// @ts-check
import { join } from 'node:path';
import { createBuildProgress } from './build-progress.mjs';
import { answers, Unreachable } from './download.mjs';
import { roughDuration } from './duration.mjs';
import { ROOT } from './paths.mjs';
import { IMAGES } from './pins.mjs';
import { ensureReleasedTools } from './released-tools.mjs';
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';
import { buildPieces, missingParts, standInNames } from './testbed.mjs';

/**
 * Where this machine's images come from, and their names.
 * @typedef {object} ImagePlan
 * @property {'registry' | 'built'} source
 * @property {string} node
 * @property {string} traefik
 * @property {string} whoami
 * @property {{ tools: string, loadbalancer: string }} [k3dImages]
 * @property {ReadonlyMap<string, string>} present what the engine had at the beginning, name to id
 *
 * @typedef {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} Context
 */

/**
 * Decides where images come from: what is there decides first, then whether a registry answers.
 * @param {Context} context
 * @returns {Promise<ImagePlan>}
 */
export async function planImages({ steps, programs }) {
  const present = await presentImages(programs);
  const standIns = await standInNames({ programs });
  const source = await chooseSource(programs, present, standIns.traefik);
  if (source.kind === 'registry') return { source: 'registry', ...IMAGES, present };
  if (process.platform !== 'linux') {
    throw new SetupError('No image registry answers, and building images from source works on Linux alone.', {
      hint: 'connect this machine to the internet, or `docker load` the images (docs/setup.md).',
      exitCode: EXIT_UNAVAILABLE,
    });
  }
  const missing = await missingParts({ programs }, ['k3d', 'whoami', 'traefik', 'images']);
  if (source.why) {
    const left = roughDuration(createBuildProgress(missing).msLeft(0));
    steps.say(`${source.why}: building stand-ins from source, ${left} in all, once a machine.`);
  }
  const { node, traefik, whoami, tools, loadbalancer } = standIns;
  return { source: 'built', node, traefik, whoami, k3dImages: { tools, loadbalancer }, present };
}

/**
 * What must be there before the factory can serve: its proxy, and what labs are built from. Kubernetes is not.
 * @param {Context} context
 * @param {ImagePlan} plan
 */
export async function ensureImages(context, plan) {
  const { steps, programs } = context;
  if (plan.source === 'registry') {
    if (plan.present.has(plan.traefik)) return;
    await steps.run(`Image ${plan.traefik}`, async (step) => {
      await programs.run('docker', ['pull', plan.traefik], {
        timeout: 1_200_000,
        onLine: step.note,
        hint: '`docker login` helps against limits; FACTORY_IMAGES=build builds from source instead.',
      });
    });
    return;
  }
  await steps.run('Stand-ins: Traefik and the tools of labs', async (step) => {
    await programs.run(join(ROOT, 'testbed/up'), ['packages'], { onLine: (line) => step.note(line.trim()) });
    await buildPieces(context, step, ['k3d', 'whoami', 'traefik']);
  });
}

/**
 * kubectl and helm as files, for the build of lab images.
 * @param {Context} context
 * @param {ImagePlan} plan
 * @param {import('./steps.mjs').Step} step
 */
export async function labTools(context, plan, step) {
  if (plan.source === 'registry') {
    try {
      return await ensureReleasedTools(context, step);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await buildPieces(context, step, ['k3d']);
    }
  }
  const { bin } = await standInNames(context);
  return { kubectl: join(bin, 'kubectl'), helm: join(bin, 'helm') };
}

/**
 * @param {import('./programs.mjs').Programs} programs
 * @param {ReadonlyMap<string, string>} present
 * @param {string} standInTraefik
 * @returns {Promise<{ kind: 'registry' } | { kind: 'built', why?: string }>}
 */
async function chooseSource(programs, present, standInTraefik) {
  const asked = programs.env.FACTORY_IMAGES;
  if (asked === 'registry') return { kind: 'registry' };
  if (asked === 'build') return { kind: 'built' };
  if (asked) throw new SetupError(`FACTORY_IMAGES is "${asked}"; it may be "registry" or "build".`);
  if (present.has(IMAGES.node) && present.has(IMAGES.traefik)) return { kind: 'registry' };
  if (present.has(standInTraefik)) return { kind: 'built' };
  if (await registryAnswers(programs)) return { kind: 'registry' };
  return { kind: 'built', why: 'no image registry answers' };
}

/** @param {import('./programs.mjs').Programs} programs */
async function registryAnswers(programs) {
  if (await answers('https://registry-1.docker.io/v2/')) return true;
  // The engine may have ways that we do not: a mirror, a proxy.
  const info = await programs.attempt(
    'docker',
    ['info', '--format', '{{json .RegistryConfig.Mirrors}}{{.HTTPSProxy}}'],
    {
      timeout: 20_000,
    },
  );
  if (['[]', 'null'].includes(info.stdout.trim())) return false;
  return (await programs.attempt('docker', ['pull', IMAGES.traefik], { timeout: 300_000 })).code === 0;
}

/** @param {import('./programs.mjs').Programs} programs */
async function presentImages(programs) {
  const format = '{{.Repository}}:{{.Tag}} {{.ID}}';
  const said = await programs.run('docker', ['image', 'ls', '--no-trunc', '--format', format], {
    timeout: 60_000,
  });
  return new Map(
    said.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => /** @type {[string, string]} */ (line.split(' ', 2))),
  );
}
