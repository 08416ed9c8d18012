import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { FactoryError } from '../errors/factory-error.ts';

/** The id of some image that is here, for a container that is never started. Rejects with `IMAGE_UNAVAILABLE`. */
export async function anyPresentImage(engine: DockerEngine, signal: AbortSignal): Promise<string> {
  const images = await engine.call({
    what: 'list its images',
    signal,
    request: (docker, abortSignal) => docker.listImages({ abortSignal }),
  });
  const [smallest] = images.toSorted((a, b) => a.Size - b.Size);
  if (smallest !== undefined) return smallest.Id;
  throw new FactoryError(
    'IMAGE_UNAVAILABLE',
    'Docker has no image at all, and homes are reached through one; run ./factory setup once, or pull any image.',
  );
}
