import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import type { Progress } from '../workspaces/ports/progress.ts';
import { buildInputs } from './build-inputs.ts';
import { buildImage, type ImageBuild } from './docker-build.ts';

/** On images that were built here: the digest of what they were built of. */
const BUILT_OF = 'ssh-lab-factory.built-of';

/** As `ImageStore.ensureBuilt`, for one at a time. */
export async function ensureBuilt(
  engine: DockerEngine,
  build: ImageBuild,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { image } = build;
  const found = await engine.callUnless([404], {
    what: `look at the image ${image}`,
    signal,
    request: (docker) => docker.getImage(image).inspect(),
  });
  const builtOf = found?.Config.Labels?.[BUILT_OF];
  if (found !== undefined && builtOf === undefined) return;
  const inputs = await buildInputs(build, signal);
  if (builtOf === inputs) return;
  progress(`building ${image}`);
  await buildImage(build, { [BUILT_OF]: inputs }, progress, signal);
}
