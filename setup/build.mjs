// @ts-check
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJson } from './atomic-file.mjs';
import { hashPaths } from './content-hash.mjs';
import { ROOT } from './paths.mjs';
import { replaceFolder } from './replace-folder.mjs';

const DIST = join(ROOT, 'dist');
/** In there: what it was made from. */
const STAMP = '.build.json';
const INPUTS = ['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/**
 * Compiles src to dist, unless dist was made from these very sources.
 * @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 */
export async function ensureBuild({ steps, programs }, runtime) {
  const key = await buildKey(ROOT);
  const stamp = /** @type {{ key?: string } | undefined} */ (await readJson(join(DIST, STAMP)));
  if (stamp?.key === key) return;
  const [npm, ...npmArgs] = runtime.npm;
  await steps.run('Compiling', async () => {
    // Beside the old one, which a service may want to start from until the new one is whole.
    const fresh = await mkdtemp(`${DIST}.part-`);
    try {
      await programs.run(npm, [...npmArgs, 'run', '--silent', 'build', '--', '--outDir', fresh], {
        cwd: ROOT,
        hint: 'the lines above name the places; `npm run build` repeats it.',
      });
      await writeJson(join(fresh, STAMP), { key });
      await chmod(fresh, 0o755);
      // The compiler does not remove what has no source any more.
      await replaceFolder(fresh, DIST);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  });
}

/**
 * Changes with all that decides what the compiler writes.
 * @param {string} root the checkout
 */
export function buildKey(root) {
  return hashPaths(root, INPUTS, (path) => !path.endsWith('.test.ts'));
}
