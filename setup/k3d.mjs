// @ts-check
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Unreachable } from './download.mjs';
import { cacheFolder, testbedCacheFolder } from './paths.mjs';
import { K3D_VERSION } from './pins.mjs';
import { downloadK3d } from './released-tools.mjs';
import { buildPieces } from './testbed.mjs';

/**
 * The pinned k3d: on PATH, in a cache, from its release, or built from its Go module, whichever comes first.
 * @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context
 * @returns {Promise<string>} its absolute path
 */
export async function ensureK3d({ steps, programs }) {
  const { env } = programs;
  const ours = join(cacheFolder(env), 'bin', 'k3d');
  const built = join(testbedCacheFolder(env), 'bin', 'k3d');
  const candidates = [...(env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'k3d')), ours, built];
  return steps.run(
    `k3d ${K3D_VERSION}`,
    async (step) => {
      for (const path of candidates) if (await isPinned(path, programs)) return path;
      try {
        await downloadK3d(ours, step);
        return ours;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        step.note('its download host does not answer: building it from its Go module');
        await buildPieces({ programs }, step, ['k3d']);
        return built;
      }
    },
    { outcome: (path) => path },
  );
}

/**
 * @param {string} path
 * @param {import('./programs.mjs').Programs} programs
 */
async function isPinned(path, programs) {
  if (!path.startsWith('/') || !existsSync(path)) return false;
  const said = await programs.attempt(path, ['version'], { timeout: 10_000 });
  return said.stdout.startsWith(`k3d version ${K3D_VERSION}\n`);
}
