import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Surroundings } from '../surroundings.ts';

/** The same place from the sources and from the build, in a checkout and in an installed package. */
const HOST_SETUP = fileURLToPath(new URL('../../../setup/host-setup.mjs', import.meta.url));

/** ms; where nothing answers that has the images, they are built from source. */
const LONGEST = 2 * 3_600_000;

/**
 * Has set-up bring what labs need of this machine: the engine, k3d, images. It shows what it does, and says what to type where it
 * can't. Resolves with its exit status. Where `FACTORY_SETUP` names what is there, that is believed.
 */
export async function setUpHost({ env }: Surroundings, signal: AbortSignal): Promise<number> {
  if (env.FACTORY_SETUP) return 0;
  const { exitCode } = await execa(process.execPath, [HOST_SETUP], {
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    reject: false,
    timeout: LONGEST,
    cancelSignal: signal,
    forceKillAfterDelay: 15_000,
  });
  return exitCode ?? 1;
}
