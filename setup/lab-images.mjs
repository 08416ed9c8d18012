// @ts-check
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, link, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashPaths } from './content-hash.mjs';
import { labTools } from './images.mjs';
import { cacheFolder, ROOT } from './paths.mjs';
import { HELM_VERSION, IMAGES, KUBECTL_VERSION } from './pins.mjs';

const INPUTS_LABEL = 'ssh-lab-factory.inputs';

/** @typedef {import('./images.mjs').Context} Context */
/** @typedef {import('./images.mjs').ImagePlan} ImagePlan */

/**
 * Builds the image of each lab in labs/ that has a Dockerfile, unless it was built from these very inputs.
 * @param {Context} context
 * @param {ImagePlan} plan
 */
export async function ensureLabImages(context, plan) {
  const folder = join(ROOT, 'labs');
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  for (const name of names) {
    if (existsSync(join(folder, name, 'Dockerfile'))) await ensureLabImage(context, plan, name);
  }
}

/**
 * @param {Context} context
 * @param {ImagePlan} plan
 * @param {string} name
 */
async function ensureLabImage(context, plan, name) {
  const { steps, programs } = context;
  const image = `ssh-lab-factory/lab-${name}:latest`;
  const key = await labImageKey(ROOT, name, plan);
  const inspect = ['image', 'inspect', '--format', `{{index .Config.Labels "${INPUTS_LABEL}"}}`, image];
  const found = await programs.attempt('docker', inspect, { timeout: 60_000 });
  if (found.stdout.trim() === key) return;
  await steps.run(`Image of lab "${name}"`, (step) => build(context, plan, { name, image, key }, step), {
    estimate: 60_000,
  });
}

/**
 * Changes with all that goes into the image.
 * @param {string} root the checkout
 * @param {string} name
 * @param {Pick<ImagePlan, 'source' | 'whoami' | 'present'>} plan
 */
export async function labImageKey(root, name, plan) {
  // bin/ is what an operator may have put there by hand; the build lays its own.
  const files = await hashPaths(root, [`labs/${name}`], (path) => !path.startsWith(`labs/${name}/bin/`));
  const outside =
    plan.source === 'built'
      ? await hashPaths(root, ['testbed/base-image', 'testbed/whoami', 'testbed/helm', 'testbed/node/go.mod'])
      : [IMAGES.labBase, IMAGES.whoami, KUBECTL_VERSION, HELM_VERSION].join();
  return createHash('sha256').update(`${files} ${plan.source} ${outside}`).digest('hex').slice(0, 32);
}

/**
 * @param {Context} context
 * @param {ImagePlan} plan
 * @param {{ name: string, image: string, key: string }} lab
 * @param {import('./steps.mjs').Step} step
 */
async function build(context, plan, lab, step) {
  const { programs } = context;
  const folder = join(ROOT, 'labs', lab.name);
  const base = plan.source === 'built' ? await makeBase(context, lab.name, folder, step) : IMAGES.labBase;
  const tools = await labTools(context, plan, step);
  await mkdir(cacheFolder(programs.env), { recursive: true });
  // Built outside the checkout, which stays as it was cloned.
  const work = await mkdtemp(join(cacheFolder(programs.env), '.lab-'));
  try {
    await cp(folder, work, { recursive: true });
    await rm(join(work, 'bin'), { recursive: true, force: true });
    await mkdir(join(work, 'bin'));
    await place(tools.kubectl, join(work, 'bin', 'kubectl'));
    await place(tools.helm, join(work, 'bin', 'helm'));
    step.note('docker build');
    const buildkit =
      (await programs.attempt('docker', ['buildx', 'version'], { timeout: 20_000 })).code === 0;
    const options = ['--build-arg', `BASE=${base}`, '--build-arg', `WHOAMI_IMAGE=${plan.whoami}`];
    await programs.run(
      'docker',
      ['build', ...options, '--label', `${INPUTS_LABEL}=${lab.key}`, '--tag', lab.image, work],
      {
        env: { DOCKER_BUILDKIT: buildkit ? '1' : '0' },
        onLine: (line) => /^(Step|#\d+ \[)/.test(line) && step.note(line.replace(/\s+/g, ' ').slice(0, 100)),
        hint: `look at labs/${lab.name}/Dockerfile.`,
      },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Where no base image can be pulled: one of Debian packages, with those that the lab wants already in it, because
 * the build has no reason to ask for them again.
 * @param {Context} context
 * @param {string} name
 * @param {string} folder
 * @param {import('./steps.mjs').Step} step
 */
async function makeBase({ programs }, name, folder, step) {
  const list = await readFile(join(folder, 'packages.txt'), 'utf8').catch(() => '');
  const packages = list
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean);
  const image = `sshlab-testbed/lab-base-${name}:bookworm`;
  step.note('making its base image from Debian packages');
  await programs.run(join(ROOT, 'testbed/base-image'), [image, 'bookworm', ...packages], {
    hint: 'read what it says above; the package names are in packages.txt of the lab.',
  });
  return image;
}

/**
 * Static programs of 60 MB: linked where the file systems allow it.
 * @param {string} from
 * @param {string} to
 */
async function place(from, to) {
  await link(from, to).catch(() => copyFile(from, to));
}
