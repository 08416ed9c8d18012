// @ts-check
import { join } from 'node:path';
import { prepareHost } from './host.mjs';
import { ensureNodeImage } from './node-image.mjs';
import { cacheFolder } from './paths.mjs';
import { ensurePythonTools } from './python-tools.mjs';
import { createSetupFile } from './setup-file.mjs';
import { ensureTestPrograms } from './test-programs.mjs';

/**
 * All that end-to-end tests and the bench need of the host, waited for: a test that cannot run fails. The programs that run
 * afterwards find it by FACTORY_SETUP.
 * @param {ReturnType<typeof import('./context.mjs').createContext>} context
 */
export async function prepareDocker(context) {
  const { programs } = context;
  await ensureTestPrograms(context);
  const python = await ensurePythonTools(context);
  const { plan, facts } = await prepareHost(context);
  await ensureNodeImage(context, plan);
  // Not the one of the user's own factory, which may be running.
  const path = join(cacheFolder(programs.env), 'setup-test.json');
  await createSetupFile(path, { ...facts, python }).write();
  programs.env.FACTORY_SETUP = path;
}
