import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { buildImage } from '../images/docker-build.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';

/** On images that were built here: the folder that they were built from. */
const BUILT_FROM = 'ssh-lab-factory.built-from';

/**
 * Builds the lab's image from the Dockerfile in its folder, if it has one and names none that is built with its containers. An image of that name which comes from elsewhere is
 * left as it is: a lab of somebody else's must not take the place of what the person has. Rejects with `LAB_IMAGE_MISSING`.
 */
export async function buildLabImage(
  engine: DockerEngine,
  { folder, container: { image, build } }: LabDefinition,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (build !== undefined || !(await hasDockerfile(folder))) return;
  const found = await engine.callUnless([404], {
    what: `look at the image ${image}`,
    signal,
    request: (docker) => docker.getImage(image).inspect(),
  });
  if (found !== undefined && found.Config.Labels?.[BUILT_FROM] !== folder) return;
  say(`Building the image ${image} of the lab`);
  await buildImage({ image, folder }, { [BUILT_FROM]: folder }, () => {}, signal);
}

async function hasDockerfile(folder: string): Promise<boolean> {
  const found = await stat(join(folder, 'Dockerfile')).catch(() => undefined);
  return found?.isFile() ?? false;
}
