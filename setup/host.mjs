// @ts-check
import { ensureEngine } from './engine.mjs';
import { ensureImages, planImages } from './images.mjs';
import { ensureInotify } from './inotify.mjs';
import { ensureK3d } from './k3d.mjs';
import { ensureLabImages } from './lab-images.mjs';

/**
 * All that a factory needs of its host before it can serve: an engine, k3d, and the images but that of cluster nodes.
 * @param {import('./program.mjs').Context} context
 */
export async function prepareHost(context) {
  await ensureEngine(context);
  await ensureInotify(context);
  const plan = await planImages(context);
  const k3d = await ensureK3d(context);
  await ensureImages(context, plan);
  await ensureLabImages(context, plan);
  return { plan, k3d };
}
