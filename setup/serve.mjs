// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * Runs `factory serve` until it ends. It has a process group of its own, so that a ^C comes once, from us; a second
 * one is forwarded too.
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} args
 * @param {ReturnType<typeof import('./stop-signals.mjs').createStopSignals>} stopSignals
 * @returns {Promise<number>} its exit code, 128 + n after a signal
 */
export function serve(runtime, env, args, stopSignals) {
  return new Promise((settle, fail) => {
    const child = spawn(runtime.node, [join(ROOT, 'dist/cli/main.js'), 'serve', ...args], {
      env,
      stdio: 'inherit',
      detached: true,
    });
    stopSignals.handle((signal) => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
    child.once('error', fail);
    child.once('exit', (code, signal) => settle(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
