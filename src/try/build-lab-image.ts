import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';

/** On images that were built here: the folder that they were built from. */
const BUILT_FROM = 'ssh-lab-factory.built-from';
/** ms; packages of a distribution over a slow line. */
const BUILD_LIMIT = 3_600_000;

/**
 * Builds the lab's image from the Dockerfile in its folder, if it has one. An image of that name which comes from elsewhere is
 * left as it is: a lab of somebody else's must not take the place of what the person has. Rejects with `LAB_IMAGE_MISSING`.
 */
export async function buildLabImage(
  engine: DockerEngine,
  { folder, container: { image } }: LabDefinition,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!(await hasDockerfile(folder))) return;
  const found = await engine.callUnless([404], {
    what: `look at the image ${image}`,
    signal,
    request: (docker) => docker.getImage(image).inspect(),
  });
  if (found !== undefined && found.Config.Labels?.[BUILT_FROM] !== folder) return;
  say(`Building the image ${image} of the lab`);
  try {
    await execa(
      'docker',
      ['build', '--quiet', '--label', `${BUILT_FROM}=${folder}`, '--tag', image, folder],
      {
        stdin: 'ignore',
        timeout: BUILD_LIMIT,
        maxBuffer: 2 ** 20,
        cancelSignal: signal,
      },
    );
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof ExecaError)) throw thrown;
    throw new FactoryError(
      'LAB_IMAGE_MISSING',
      `The image of the lab can't be built; look at its Dockerfile, and at what Docker says of it.`,
      { detail: String(thrown.stderr || thrown.shortMessage), cause: thrown },
    );
  }
}

async function hasDockerfile(folder: string): Promise<boolean> {
  const found = await stat(join(folder, 'Dockerfile')).catch(() => undefined);
  return found?.isFile() ?? false;
}
