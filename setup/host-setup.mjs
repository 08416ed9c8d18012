#!/usr/bin/env node
// @ts-check
// What `factory try` does first, in a checkout and in an installed package: brings the Docker engine, k3d and the images, and
// waits for all of it. The program itself, and the Node that it runs on, are there.
import { createContext } from './context.mjs';
import { prepareHost } from './host.mjs';
import { ensureNodeImage } from './node-image.mjs';
import { setupFilePath } from './paths.mjs';
import { createSetupFile } from './setup-file.mjs';

const context = createContext();

/** @returns {Promise<number>} the exit code */
async function main() {
  const { plan, facts } = await prepareHost(context);
  await ensureNodeImage(context, plan);
  await createSetupFile(setupFilePath(context.programs.env), facts).write();
  return 0;
}

process.exitCode = await main().catch(context.report);
