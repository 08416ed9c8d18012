import { setTimeout as delay } from 'node:timers/promises';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { Progress } from '../workspaces/ports/progress.ts';
import type { ImageBuild } from './docker-build.ts';
import { expectedArrival } from './expected-arrivals.ts';
import { hasImage } from './has-image.ts';
import { ensureBuilt } from './image-build.ts';
import { pullImage } from './image-pull.ts';
import { SharedWork } from './shared-work.ts';

/** The images on this Docker engine. */
export interface ImageStore {
  /**
   * Resolves when the engine has `image`: at once, or when set-up has brought it, or when it is pulled. Rejects with
   * `IMAGE_UNAVAILABLE`, `DOCKER_UNAVAILABLE`, `DOCKER_FAILED`, `TIMED_OUT`, or the reason of `signal`.
   */
  ensure(image: string, progress: Progress, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the engine has an image built of what is in the folder now. One of that name which comes from elsewhere is left
   * as it is. Rejects with `LAB_IMAGE_MISSING` where it can't be built, and as `ensure`.
   */
  ensureBuilt(build: ImageBuild, progress: Progress, signal: AbortSignal): Promise<void>;
}

export interface ImageStoreOptions {
  readonly engine: DockerEngine;
  /** Where the program that set this machine up says what it is still bringing; undefined: nothing is on its way. */
  readonly setupFile: string | undefined;
}

/** How often set-up is looked at while it builds; ms. */
const LOOK_AGAIN = 1_000;

export function createImageStore({ engine, setupFile }: ImageStoreOptions): ImageStore {
  const pulls = new SharedWork(
    (image: string, progress, signal) => pullImage(engine, image, progress, signal),
    (image) => image,
  );
  const builds = new SharedWork(
    (build: ImageBuild, progress, signal) => ensureBuilt(engine, build, progress, signal),
    ({ image, folder }) => `${image} ${folder}`,
  );
  return {
    ensureBuilt: (build, progress, signal) => builds.join(build, progress, signal),
    async ensure(image, progress, signal) {
      while (!(await hasImage(engine, image, signal))) {
        const arrival = await expectedArrival(setupFile, image);
        if (arrival === undefined) {
          // Set-up may have finished between the two looks.
          if (await hasImage(engine, image, signal)) return;
          return pulls.join(image, progress, signal);
        }
        if (arrival.state === 'failed') throw couldNotBeMade(image, arrival.note);
        progress(`waiting for ${image}${arrival.note && `: ${arrival.note}`}`);
        await delay(LOOK_AGAIN, undefined, { signal });
      }
    },
  };
}

function couldNotBeMade(image: string, note: string): FactoryError {
  return new FactoryError(
    'IMAGE_UNAVAILABLE',
    `The image ${image} could not be made; read what set-up said, mend it, and start the factory again.`,
    { detail: note },
  );
}
