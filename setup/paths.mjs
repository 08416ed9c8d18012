// @ts-check
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file lies in. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/**
 * What is kept for this user across checkouts: Node, k3d, the tools for labs, setup.json.
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheFolder(env) {
  return join(cacheHome(env), 'ssh-lab-factory');
}

/**
 * The same folder that testbed/lib.sh works in.
 * @param {NodeJS.ProcessEnv} env
 */
export function testbedCacheFolder(env) {
  return env.SSHLAB_TESTBED_CACHE || join(cacheHome(env), 'ssh-lab-testbed');
}

/**
 * Where set-up tells the factory what it found.
 * @param {NodeJS.ProcessEnv} env
 */
export function setupFilePath(env) {
  return env.FACTORY_SETUP ? resolve(env.FACTORY_SETUP) : join(cacheFolder(env), 'setup.json');
}

/** @param {NodeJS.ProcessEnv} env */
function cacheHome(env) {
  return env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
}
