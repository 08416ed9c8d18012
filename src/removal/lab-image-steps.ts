import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { imageStep } from './docker-steps.ts';
import type { RemovalStep } from './removal-step.ts';

/** Set-up puts it on each image that it builds from a lab's folder. */
const BUILT_BY_SET_UP = 'ssh-lab-factory.inputs';

/** Of `images`, those that set-up built; what the operator pulled or built is theirs. */
export async function labImageSteps(
  engine: DockerEngine,
  images: readonly string[],
  signal: AbortSignal,
): Promise<readonly RemovalStep[]> {
  const steps: RemovalStep[] = [];
  for (const image of new Set(images)) {
    const found = await engine.callUnless([404], {
      what: `look at the image ${image}`,
      signal,
      request: (docker) => docker.getImage(image).inspect(),
    });
    if (found?.Config.Labels?.[BUILT_BY_SET_UP] !== undefined) steps.push(imageStep(engine, image));
  }
  return steps;
}
