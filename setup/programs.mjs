// @ts-check
import { spawn } from 'node:child_process';
import { SetupError } from './setup-error.mjs';

const KEPT_LINES = 60;
/** How long output may follow a program's end; ms. */
const LATE_OUTPUT = 2_000;

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {number} [timeout] ms; none by default, because builds and installs take what they take
 * @property {(line: string) => void} [onLine] gets each line of both outputs as it comes
 * @property {NodeJS.ProcessEnv} [env] added to the environment of all
 * @property {'capture' | 'inherit'} [output] inherit: straight to the terminal
 * @property {string} [hint] what to type when it fails
 *
 * @typedef {{ code: number, signal?: NodeJS.Signals, stdout: string, tail: string }} Result `code` is 127 where the program is missing,
 *   124 after a time-out; `signal` is what ended it; `tail` is the last lines of both outputs
 *
 * @typedef {ReturnType<typeof createPrograms>} Programs
 */

/**
 * Runs programs, each in a process group of its own so that it can be ended with all that it started.
 * @param {NodeJS.ProcessEnv} env the environment of each program
 */
export function createPrograms(env) {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const running = new Set();

  /**
   * Runs a program to its end; never throws for its exit code.
   * @param {string} file
   * @param {readonly string[]} args
   * @param {RunOptions} [options]
   * @returns {Promise<Result>}
   */
  function attempt(file, args, options = {}) {
    return new Promise((settle) => {
      const inherit = options.output === 'inherit';
      const child = spawn(file, args, {
        cwd: options.cwd,
        env: { ...env, ...options.env },
        detached: true,
        stdio: ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'],
      });
      running.add(child);
      let stdout = '';
      /** @type {string[]} */
      const tail = [];
      const keep = (/** @type {string} */ line) => {
        tail.push(line);
        if (tail.length > KEPT_LINES) tail.shift();
        options.onLine?.(line);
      };
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        stdout += text;
      });
      child.stdout && eachLine(child.stdout, keep);
      child.stderr && eachLine(child.stderr.setEncoding('utf8'), keep);
      let timedOut = false;
      const timer =
        options.timeout &&
        setTimeout(() => {
          timedOut = true;
          endGroup(child, 'SIGKILL');
        }, options.timeout);
      const finish = (/** @type {number} */ code) => {
        clearTimeout(timer || undefined);
        running.delete(child);
        const signal = child.signalCode ?? undefined;
        settle({ code: timedOut ? 124 : code, signal, stdout, tail: tail.join('\n') });
      };
      child.once('error', (error) => {
        keep(error.message);
        finish(127);
      });
      // 'close' comes when all output was read; a daemon left behind may hold it open for ever.
      child.once('exit', () => setTimeout(() => finish(exitCode(child)), LATE_OUTPUT).unref());
      child.once('close', () => finish(exitCode(child)));
    });
  }

  /**
   * As `attempt`, but a failure throws SetupError with the program's last output.
   * @param {string} file
   * @param {readonly string[]} args
   * @param {RunOptions} [options]
   */
  async function run(file, args, options = {}) {
    const result = await attempt(file, args, options);
    if (result.code === 0) return result;
    const shown = [file.split('/').at(-1), ...args.slice(0, 3)].join(' ');
    const how =
      result.code === 124 ? `did not end within ${options.timeout} ms` : `ended with code ${result.code}`;
    throw new SetupError(`${shown} ${how}.`, { output: result.tail, hint: options.hint });
  }

  /**
   * Ends what runs, and all that it started.
   * @param {NodeJS.Signals} signal
   */
  function endAll(signal) {
    for (const child of running) endGroup(child, signal);
  }

  return { env, attempt, run, endAll };
}

/** @param {import('node:child_process').ChildProcess} child */
function exitCode(child) {
  return child.exitCode ?? (child.signalCode ? 143 : 1);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended by itself.
  }
}

/**
 * @param {NodeJS.ReadableStream} stream
 * @param {(line: string) => void} onLine
 */
function eachLine(stream, onLine) {
  let rest = '';
  stream.on('data', (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => rest && onLine(rest));
}
