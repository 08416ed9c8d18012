// @ts-check
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';
import { buildPieces, goAnswers, missingParts } from './testbed.mjs';

/**
 * Pebble, the ACME server of end-to-end tests. Nobody publishes it ready-made for all machines, so it is built from its Go module also
 * where images come from a registry. The tests that need it leave themselves out where they cannot have a network of their own.
 * @param {ReturnType<typeof import('./context.mjs').createContext>} context
 */
export async function ensureAcmeServer(context) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  const missing = await missingParts(context, ['pebble']);
  if (missing.length > 0 && !(await goAnswers(context.programs))) {
    throw new SetupError('The tests of certificates need Pebble, which is built from source with Go.', {
      hint: 'apt-get install golang-go where that is 1.25 or newer, or install Go 1.26 (https://go.dev/dl).',
      exitCode: EXIT_UNAVAILABLE,
    });
  }
  await context.steps.run('ACME server for tests', (step) => buildPieces(context, step, ['pebble']));
}
