#!/usr/bin/env node
// @ts-check
// npm start: makes everything that the factory needs, then runs it. What is there already costs a look.
import { checkConfig } from './config-check.mjs';
import { createContext } from './context.mjs';
import { prepareHost } from './host.mjs';
import { buildNodeImage } from './node-image.mjs';
import { setupFilePath } from './paths.mjs';
import { prepareProgram } from './program.mjs';
import { serve } from './serve.mjs';
import { createSetupFile } from './setup-file.mjs';

const args = process.argv.slice(2);
const context = createContext();

/** @returns {Promise<number>} the exit code */
async function main() {
  const { programs, stopSignals } = context;
  const runtime = await prepareProgram(context);
  if (args.includes('--help') || args.includes('-h')) return serve(runtime, programs.env, args, stopSignals);
  const mistaken = await checkConfig(context, runtime, args);
  if (mistaken !== 0) return mistaken;

  const { plan, facts } = await prepareHost(context);
  const file = createSetupFile(setupFilePath(programs.env), facts);
  await file.write();
  const background = plan.source === 'built' ? buildNodeImage(context, plan, file) : undefined;
  try {
    return await serve(runtime, { ...programs.env, FACTORY_SETUP: file.path }, args, stopSignals);
  } finally {
    await background?.end();
  }
}

process.exitCode = await main().catch(context.report);
