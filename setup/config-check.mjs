// @ts-check
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './paths.mjs';

/**
 * Has the factory look at the configuration that it is going to get, so that a mistake is told before minutes go into
 * engines and images.
 * @param {{ programs: import('./programs.mjs').Programs }} context
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {readonly string[]} args of `factory serve`
 * @returns {Promise<number>} 0, or the exit code to end with
 */
export async function checkConfig({ programs }, runtime, args) {
  // What else is wrong with the arguments `serve` itself will say.
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: 'string', short: 'c' } },
    strict: false,
  });
  if (typeof values.config !== 'string') return 0;
  const check = [join(ROOT, 'dist/cli/main.js'), 'config', 'check', '--config', values.config];
  const { code } = await programs.attempt(runtime.node, check, { output: 'inherit' });
  return code ?? 1;
}
