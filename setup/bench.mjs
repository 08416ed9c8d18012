#!/usr/bin/env node
// @ts-check
// npm run bench: makes what the bench needs, as npm test does, and runs it.
import { join } from 'node:path';
import { createContext } from './context.mjs';
import { ROOT } from './paths.mjs';
import { prepareDocker } from './prepare-docker.mjs';
import { prepareLibraries, prepareProgram } from './program.mjs';

const context = createContext();

/** @param {readonly string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const looksOnly = args.includes('--help') || args.includes('-h');
  const runtime = await (looksOnly ? prepareLibraries(context) : prepareProgram(context));
  if (!looksOnly) await prepareDocker(context);
  const bench = [join(ROOT, 'bench/main.ts'), ...args];
  const result = await context.programs.attempt(runtime.node, bench, { output: 'inherit' });
  return result.code;
}

process.exitCode = await main(process.argv.slice(2)).catch(context.report);
