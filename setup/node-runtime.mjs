// @ts-check
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder, ROOT } from './paths.mjs';
import { NODE_PACKAGES, NODE_VERSION } from './pins.mjs';
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';
import { satisfies } from './version.mjs';

const OWN_NODE =
  'install Node 22.19 or newer (https://nodejs.org), put it first on PATH, and run this again.';

/**
 * @typedef {object} NodeRuntime
 * @property {string} node the program that runs the factory
 * @property {string} version without the "v"
 * @property {readonly [string, ...string[]]} npm the command that runs npm with this Node
 */

/**
 * The Node that the factory runs on: the running one if it is new enough, else a pinned one from the npm registry.
 * In that case PATH and npm's `nodedir` in `programs.env` point to it, so that native addons are built for it.
 * @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context
 * @returns {Promise<NodeRuntime>}
 */
export async function ensureNode({ steps, programs }) {
  const { env } = programs;
  const folder = join(cacheFolder(env), `node-${NODE_VERSION}`);
  const node = join(folder, 'bin', 'node');
  // The pinned one may be what runs this already: it still needs its own headers.
  if (process.execPath !== node) {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const { node: version } = process.versions;
    if (satisfies(version, manifest.engines.node)) {
      return { node: process.execPath, version, npm: npmCommand(process.execPath, env) };
    }
    await ensurePinned({ steps, programs }, folder, `${version} is older than ${manifest.engines.node}`);
  }
  env.PATH = [dirname(node), env.PATH].join(delimiter);
  for (const name of Object.keys(env)) if (name.toLowerCase() === 'npm_config_nodedir') delete env[name];
  env.npm_config_nodedir = folder;
  return { node, version: NODE_VERSION, npm: npmCommand(node, env) };
}

/**
 * @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context
 * @param {string} folder
 * @param {string} why "20.1.0 is older than >=22.19"
 */
async function ensurePinned({ steps, programs }, folder, why) {
  await steps.run(
    'Node',
    async (step) => {
      if (existsSync(join(folder, 'bin', 'node'))) return `${NODE_VERSION} from the cache`;
      step.note(`taking ${NODE_VERSION} from the npm registry`);
      await download(folder, programs);
      return `${NODE_VERSION}, kept in ${folder}`;
    },
    { outcome: (text) => `${text}, because this machine's ${why}` },
  );
}

/**
 * npm of the machine, run by the given Node: npm itself would take the first `node` on PATH.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {[string, ...string[]]}
 */
function npmCommand(node, env) {
  const script = env.npm_execpath;
  return script?.endsWith('npm-cli.js') && existsSync(script) ? [node, script] : ['npm'];
}

/**
 * @param {string} folder where it goes, by rename: half a download is never found there
 * @param {import('./programs.mjs').Programs} programs
 */
async function download(folder, programs) {
  const platform = `${process.platform}-${process.arch}`;
  const pinned = NODE_PACKAGES[platform];
  if (!pinned) {
    throw new SetupError(`The npm registry has no Node ${NODE_VERSION} for ${platform}.`, {
      hint: OWN_NODE,
      exitCode: EXIT_UNAVAILABLE,
    });
  }
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.part-`);
  try {
    const [npm, ...npmArgs] = npmCommand(process.execPath, programs.env);
    const name = `${pinned.name}@${NODE_VERSION}`;
    // In a folder of its own: there npm sees no project.
    await programs.run(npm, [...npmArgs, 'pack', '--loglevel=error', name], {
      cwd: work,
      timeout: 600_000,
      hint: OWN_NODE,
    });
    const archive = (await readdir(work)).find((file) => file.endsWith('.tgz'));
    if (!archive) throw new SetupError(`npm brought no archive of ${name}.`, { hint: OWN_NODE });
    await verify(join(work, archive), pinned.integrity, name);
    const unpacked = join(work, 'package');
    await programs.run('tar', ['-xzf', archive], { cwd: work, timeout: 120_000, hint: OWN_NODE });
    const node = join(unpacked, 'bin', 'node');
    const said = await programs.attempt(node, ['--version'], { timeout: 10_000 });
    if (said.stdout.trim() !== `v${NODE_VERSION}`) {
      throw new SetupError(`The Node from ${name} does not run here.`, { output: said.tail, hint: OWN_NODE });
    }
    await rename(unpacked, folder).catch((error) => {
      if (!existsSync(folder)) throw error; // else another run was quicker
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @param {string} integrity "sha512-<base64>"
 * @param {string} name
 */
async function verify(path, integrity, name) {
  const sum = createHash('sha512')
    .update(await readFile(path))
    .digest('base64');
  if (`sha512-${sum}` === integrity) return;
  throw new SetupError(`${name} is not what was pinned in setup/pins.mjs: its sha512 is ${sum}.`, {
    hint: OWN_NODE,
  });
}
