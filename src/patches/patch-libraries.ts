import { access, constants } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { FactoryError } from '../errors/factory-error.ts';
import { quoted } from '../words/shell-word.ts';
import { missingPatches, ssh2Folder } from './missing-patches.ts';

/** The same place from the sources and from the build, in a checkout and in an installed package. */
const PROGRAM = fileURLToPath(new URL('../../setup/patch-libraries.mjs', import.meta.url));

/** ssh2's native addon may be compiled anew; ms. */
const LONGEST = 6 * 60_000;

/** What is patched, and by what; handed in, so that tests leave their own libraries alone. */
export interface Patching {
  readonly library: string;
  /** Takes no arguments. */
  readonly program: string;
}

const OWN: Patching = { library: ssh2Folder(), program: PROGRAM };

/** Rejects with `LIBRARY_UNPATCHED` where ssh2 lacks one of our patches. */
export async function assertLibrariesPatched({ library, program }: Patching = OWN): Promise<void> {
  const missing = await missingPatches(library);
  if (missing.length > 0) throw unpatched(`Type: ${commandFor(program)}`, missing);
}

/**
 * Patches ssh2 where the installation has not: npm 12 runs no script of a package unasked. To be called before anything loads ssh2.
 * Rejects with `LIBRARY_UNPATCHED`, whose message says what to type, and with `INTERRUPTED`.
 */
export async function patchLibraries(
  complain: (text: string) => void,
  stop: AbortSignal,
  { library, program }: Patching = OWN,
): Promise<void> {
  const lacked = await missingPatches(library);
  if (lacked.length === 0) return;
  if (!(await isWritable(library))) throw unpatched(`Type: sudo ${commandFor(program)}`, lacked);
  complain('The installation has left the SSH library as it was; it is patched now, once.');
  const { all } = await execa(process.execPath, [program], {
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: LONGEST,
    cancelSignal: stop,
  });
  if (stop.aborted) throw new FactoryError('INTERRUPTED', 'Ended before the SSH library was patched.');
  // Another start may have done it meanwhile, and this one have failed: what counts is what is there.
  const missing = await missingPatches(library);
  if (missing.length > 0) throw unpatched('That failed: install this program anew.', missing, all);
}

function unpatched(remedy: string, missing: readonly string[], output = ''): FactoryError {
  return new FactoryError(
    'LIBRARY_UNPATCHED',
    `The SSH library has to be patched once after an installation: without this program's patches it is not safe, and nothing is started. ${remedy}`,
    { detail: [`missing: ${missing.join(', ')}`, output].join('\n').trim() },
  );
}

function commandFor(program: string): string {
  return [process.execPath, program].map(quoted).join(' ');
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
