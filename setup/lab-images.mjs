// @ts-check
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, link, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashPaths } from './content-hash.mjs';
import { dockerfileNeeds } from './dockerfile.mjs';
import { labTools } from './images.mjs';
import { cacheFolder, ROOT } from './paths.mjs';
import { HELM_VERSION, IMAGES, KUBECTL_VERSION } from './pins.mjs';
import { SetupError } from './setup-error.mjs';

const INPUTS_LABEL = 'ssh-lab-factory.inputs';

/** @typedef {import('./images.mjs').Context} Context */
/** @typedef {import('./images.mjs').ImagePlan} ImagePlan */

/**
 * Builds the image of each lab in labs/ that has a Dockerfile, unless it was built from these very inputs. A lab that is
 * FROM another one's image comes after it.
 * @param {Context} context
 * @param {ImagePlan} plan
 */
export async function ensureLabImages(context, plan) {
  const folder = join(ROOT, 'labs');
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  for (const name of await inBuildOrder(ROOT, names)) await ensureLabImage(context, plan, name);
}

/**
 * @param {string} root the checkout
 * @param {readonly string[]} names of folders in labs/
 * @returns {Promise<string[]>} those with a Dockerfile, each after the one that it is FROM
 */
export async function inBuildOrder(root, names) {
  /** @type {Set<string>} */
  const ordered = new Set();
  /** @param {string} name @param {readonly string[]} above the labs that are FROM it */
  const add = async (name, above) => {
    const dockerfile = await readDockerfile(root, name);
    if (dockerfile === undefined) return;
    if (above.includes(name)) {
      throw new SetupError(
        `The image of the lab "${name}" is built from itself: ${[...above, name].join(' from ')}.`,
        {
          hint: `give labs/${name}/Dockerfile another FROM.`,
        },
      );
    }
    const { lab } = dockerfileNeeds(dockerfile);
    if (lab !== undefined) await add(lab, [...above, name]);
    ordered.add(name);
  };
  for (const name of names) await add(name, []);
  return [...ordered];
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
 * @returns {Promise<string>}
 */
export async function labImageKey(root, name, plan) {
  // bin/ is what an operator may have put there by hand; the build lays its own.
  const files = await hashPaths(root, [`labs/${name}`], (path) => !path.startsWith(`labs/${name}/bin/`));
  const needs = dockerfileNeeds((await readDockerfile(root, name)) ?? '');
  const built = plan.source === 'built';
  const outside = [
    needs.lab !== undefined && (await labImageKey(root, needs.lab, plan)),
    needs.base && (built ? await hashPaths(root, ['testbed/base-image']) : IMAGES.labBase),
    needs.whoami && plan.whoami,
    needs.tools &&
      (built
        ? await hashPaths(root, ['testbed/helm', 'testbed/node/go.mod'])
        : `${KUBECTL_VERSION} ${HELM_VERSION}`),
  ];
  const all = [files, plan.source, ...outside].join(' ');
  return createHash('sha256').update(all).digest('hex').slice(0, 32);
}

/**
 * @param {string} root the checkout
 * @param {string} name of a lab
 * @returns {Promise<string | undefined>}
 */
async function readDockerfile(root, name) {
  return await readFile(join(root, 'labs', name, 'Dockerfile'), 'utf8').catch(() => undefined);
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
  const needs = dockerfileNeeds((await readDockerfile(ROOT, lab.name)) ?? '');
  const options = [];
  if (needs.base) {
    const base = plan.source === 'built' ? await makeBase(context, lab.name, folder, step) : IMAGES.labBase;
    options.push('--build-arg', `BASE=${base}`);
  }
  if (needs.whoami) options.push('--build-arg', `WHOAMI_IMAGE=${plan.whoami}`);
  const tools = needs.tools ? await labTools(context, plan, step) : {};
  await mkdir(cacheFolder(programs.env), { recursive: true });
  // Built outside the checkout, which stays as it was cloned.
  const work = await mkdtemp(join(cacheFolder(programs.env), '.lab-'));
  try {
    await cp(folder, work, { recursive: true });
    await rm(join(work, 'bin'), { recursive: true, force: true });
    await mkdir(join(work, 'bin'));
    for (const [name, path] of Object.entries(tools)) await place(path, join(work, 'bin', name));
    step.note('docker build');
    const buildkit =
      (await programs.attempt('docker', ['buildx', 'version'], { timeout: 20_000 })).code === 0;
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
