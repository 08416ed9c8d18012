// @ts-check
import { ensureEngine } from './engine.mjs';
import { ensureImages, planImages } from './images.mjs';
import { ensureInotify } from './inotify.mjs';
import { ensureK3d } from './k3d.mjs';
import { ensureLabImages } from './lab-images.mjs';

/**
 * All that a factory needs of its host before it can serve: an engine, k3d, and the images but that of cluster nodes. `facts` are
 * what the set-up file tells the factory of it.
 * @param {import('./program.mjs').Context} context
 */
export async function prepareHost(context) {
  await ensureEngine(context);
  await ensureInotify(context);
  const plan = await planImages(context);
  const k3d = await ensureK3d(context);
  await ensureImages(context, plan);
  await ensureLabImages(context, plan);
  const { node, traefik, k3dImages } = plan;
  return { plan, facts: { k3d, images: { node, traefik }, k3dImages } };
}
