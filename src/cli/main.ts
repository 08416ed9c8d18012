#!/usr/bin/env node
import { homedir, userInfo } from 'node:os';
import { asFactoryError } from '../errors/factory-error.ts';
import { patchLibraries } from '../patches/patch-libraries.ts';
import { countBuffersWithTheHeap } from './buffer-memory.ts';
import type { Starts } from './command-line.ts';
import { exitCodeFor } from './exit-codes.ts';
import { packageVersion } from './package-version.ts';
import { createProgram } from './program.ts';
import { stopSignals } from './stop-signals.ts';
import type { Surroundings } from './surroundings.ts';

const surroundings: Surroundings = {
  env: process.env,
  workingFolder: process.cwd(),
  home: homedir(),
  login: loginName(),
  say: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
};

/** A container's user may have a number and no name. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? '';
  }
}

/** Loaded only when a factory starts: `--help` has no need of Docker's client and SSH. */
const starts: Starts = {
  async factory(request) {
    const { startFactory } = await import('../composition/start-factory.ts');
    return startFactory(request);
  },
  async clusterService(request) {
    const { startClusterService } = await import('../composition/start-cluster-service.ts');
    return startClusterService(request);
  },
};

async function main(): Promise<number> {
  countBuffersWithTheHeap();
  using signals = stopSignals(process);
  // As in `factory doctor | head -1`, or with a terminal that was closed: nobody reads on, and what is under way has to end in
  // good order all the same.
  const unheard = new AbortController();
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      if (output === process.stdout) unheard.abort(error);
    });
  }
  let status = 0;
  const exitWith = (given: number) => {
    status = given;
  };
  const program = createProgram(await packageVersion(), {
    surroundings,
    starts,
    stop: AbortSignal.any([signals.stop, unheard.signal]),
    exitWith,
  });
  // Before any command and not only before those that serve: none of them then has loaded a library that is about to change.
  program.hook('preAction', () => patchLibraries(surroundings.complain, signals.stop));
  try {
    await program.parseAsync();
    return status;
  } catch (thrown) {
    const error = asFactoryError(thrown);
    surroundings.complain(error.message);
    if (error.detail !== undefined) surroundings.complain(error.detail);
    if (error.mendedBy === 'defect' && thrown instanceof Error) surroundings.complain(thrown.stack ?? '');
    return exitCodeFor(error.code);
  }
}

process.exitCode = await main();
// Something that a failed start or a stop left behind must not keep the process.
setTimeout(() => process.exit(), 2_000).unref();
