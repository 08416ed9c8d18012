import type { DockerEngine } from '../docker-engine/docker-engine.ts';

/** Whether the engine has `image`. Rejects with what Docker's calls reject with. */
export async function hasImage(engine: DockerEngine, image: string, signal: AbortSignal): Promise<boolean> {
  const found = await engine.callUnless([404], {
    what: `look for ${image}`,
    signal,
    request: (docker) => docker.getImage(image).inspect(),
  });
  return found !== undefined;
}
