#!/usr/bin/env node
// @ts-check
// For ./factory, where it finds its program missing or out of date: makes it, and prints the path of the Node to run it with.
import { stat } from 'node:fs/promises';
import { createContext } from './context.mjs';
import { ROOT } from './paths.mjs';
import { prepareProgram } from './program.mjs';
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';

const context = createContext();

async function main() {
  await refuseForeignCheckout(context.programs);
  const { node } = await prepareProgram(context);
  process.stdout.write(`${node}\n`);
  return 0;
}

/**
 * A look at the status must not leave another user's files in the checkout, root's least of all: its owner could not
 * build there any more.
 * @param {import('./programs.mjs').Programs} programs
 */
async function refuseForeignCheckout(programs) {
  const owner = (await stat(ROOT)).uid;
  if (process.getuid?.() === owner) return;
  const name = (await programs.attempt('id', ['-nu', String(owner)], { timeout: 10_000 })).stdout.trim();
  throw new SetupError(
    `${ROOT} belongs to ${name || `user ${owner}`}, and the program there is missing or older than its sources.`,
    {
      hint: `sudo -u ${name || `'#${owner}'`} -H ${ROOT}/factory setup`,
      exitCode: EXIT_UNAVAILABLE,
    },
  );
}

process.exitCode = await main().catch(context.report);
