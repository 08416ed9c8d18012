// @ts-check
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJson } from './atomic-file.mjs';
import { hashPaths } from './content-hash.mjs';
import { ROOT } from './paths.mjs';
import { works } from './trial.mjs';

const STAMP = join(ROOT, 'node_modules', '.ssh-lab-factory.json');
const ADDON = 'node_modules/ssh2/lib/protocol/crypto/build/Release/sshcrypto.node';

/**
 * Brings node_modules to what package-lock.json says, built for the Node that runs the factory. Does nothing where
 * the last install in this checkout was of the same lock file, patches and Node.
 * @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 */
export async function ensureDependencies({ steps, programs }, runtime) {
  const key = await dependenciesKey(ROOT, runtime.version);
  const stamp = /** @type {{ key?: string, addon?: boolean } | undefined} */ (await readJson(STAMP));
  const [npm, ...npmArgs] = runtime.npm;
  let addon = stamp?.addon === true;
  if (stamp?.key !== key) {
    await steps.run(
      'Libraries',
      async (step) => {
        step.note('npm ci');
        // Development libraries too, whatever NODE_ENV says: the compiler is one of them.
        await programs.run(
          npm,
          [...npmArgs, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
          {
            cwd: ROOT,
            hint: 'look at what npm says above; `npm ci` in this folder repeats it.',
          },
        );
      },
      { estimate: 30_000 },
    );
    addon = await addonLoads(programs, runtime);
    await writeJson(STAMP, { key, addon });
  } else if (!addon && (await hasCompiler(programs))) {
    await steps.run('SSH ciphers in native code', async () => {
      await programs.attempt(npm, [...npmArgs, 'rebuild', 'ssh2'], { cwd: ROOT });
      addon = await addonLoads(programs, runtime);
      if (addon) await writeJson(STAMP, { key, addon });
    });
  }
  if (addon) return;
  steps.say(
    "ssh2's native addon could not be built: everything works, but SSH throughput is about half. " +
      'To have it, install a C++ compiler, make and Python (Debian: apt-get install g++ make python3) and start again.',
  );
}

/**
 * Changes with all that decides what `npm ci` leaves behind.
 * @param {string} root the checkout
 * @param {string} nodeVersion addons hold for one major version
 */
export async function dependenciesKey(root, nodeVersion) {
  const files = await hashPaths(root, ['package.json', 'package-lock.json', '.npmrc', 'patches']);
  return [files, `node${nodeVersion.split('.')[0]}`, process.platform, process.arch].join('-');
}

/**
 * @param {import('./programs.mjs').Programs} programs
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 */
async function addonLoads(programs, runtime) {
  const addon = join(ROOT, ADDON);
  if (!existsSync(addon)) return false;
  const script = `require(${JSON.stringify(addon)})`;
  if ((await works(programs, runtime.node, ['-e', script])) !== false) return true;
  // One that is made for another Node crashes this one: the factory is to find none.
  await rm(addon);
  return false;
}

/** @param {import('./programs.mjs').Programs} programs */
async function hasCompiler(programs) {
  const wanted = ['c++', 'make', 'python3'].map((name) =>
    programs.attempt(name, ['--version'], { timeout: 10_000 }),
  );
  return (await Promise.all(wanted)).every((result) => result.code === 0);
}
