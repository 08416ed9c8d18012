#!/usr/bin/env node
// @ts-check
// ./factory setup, npm run setup: makes everything that a factory needs, waits for all of it, and starts nothing.
import { createContext } from './context.mjs';
import { prepareHost } from './host.mjs';
import { ensureNodeImage } from './node-image.mjs';
import { setupFilePath } from './paths.mjs';
import { prepareProgram } from './program.mjs';
import { createSetupFile } from './setup-file.mjs';

const USAGE = `usage: factory setup
Brings what a factory needs and is missing here: Node, libraries, the program itself, a Docker engine, k3d, images.
What is there costs a look. A factory that runs goes on with what it has until it is restarted.
docs/setup.md has every step.
`;

const context = createContext();

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  if (args.length > 0) {
    const asked = args.includes('--help') || args.includes('-h');
    (asked ? process.stdout : process.stderr).write(USAGE);
    return asked ? 0 : 2;
  }
  await prepareProgram(context);
  const { plan, facts } = await prepareHost(context);
  await ensureNodeImage(context, plan);
  await createSetupFile(setupFilePath(context.programs.env), facts).write();
  context.steps.say('everything is there');
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch(context.report);
