// @ts-check
import { ensureBuild } from './build.mjs';
import { aloneInCheckout } from './checkout-lock.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { writeLaunchFile } from './launch-file.mjs';
import { ensureNode } from './node-runtime.mjs';

/** The times that the kernel gives to files lag behind the clock by up to so much; ms. */
const KERNEL_TICK = 10;

/** @typedef {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} Context */

/**
 * All that the program itself needs: Node, libraries, a build of these sources. It needs no Docker.
 * @param {Context} context
 * @returns {Promise<import('./node-runtime.mjs').NodeRuntime>}
 */
export async function prepareProgram(context) {
  const runtime = await ensureNode(context);
  await aloneInCheckout(context, async () => {
    const lookedAt = new Date(Date.now() - KERNEL_TICK);
    await ensureDependencies(context, runtime);
    await ensureBuild(context, runtime);
    await writeLaunchFile(runtime.node, lookedAt);
  });
  return runtime;
}

/**
 * What the checks of the sources need: Node and libraries.
 * @param {Context} context
 * @returns {Promise<import('./node-runtime.mjs').NodeRuntime>}
 */
export async function prepareLibraries(context) {
  const runtime = await ensureNode(context);
  await aloneInCheckout(context, () => ensureDependencies(context, runtime));
  return runtime;
}
