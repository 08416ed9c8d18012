// @ts-check
import { buildPieces } from './testbed.mjs';

/**
 * SSH clients that end-to-end tests drive: those of two Debian releases, an image each, and one in Go. What is there already costs a
 * look. It takes Go and, unless mmdebstrap is there, root.
 * @param {ReturnType<typeof import('./context.mjs').createContext>} context
 */
export async function ensureSshClients(context) {
  await context.steps.run('SSH clients for tests', (step) => buildPieces(context, step, ['ssh-clients']));
}
