import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { type Arrival, expectedArrival } from '../../images/expected-arrivals.ts';
import { hasImage } from '../../images/has-image.ts';
import { askRegistry, type RegistryAnswer } from '../../images/registry-answer.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import { type WantedImage, wantedImages } from '../wanted-images.ts';

export const images: Check = {
  needs: 'engine',
  limit: 60_000,
  look: async (site, { engine }, signal) => {
    const wanted = await wantedImages(site);
    const judgements = await Promise.all(
      wanted.map(async (one) =>
        judgeImage(one, await whereabouts(engine, one.image, site.setupFile, signal)),
      ),
    );
    return together(judgements, `here: ${wanted.map(({ image }) => image).join(', ')}`);
  },
};

/** Where an image is that may not be here yet. */
export type Whereabouts =
  | { readonly kind: 'here' }
  | ({ readonly kind: 'arriving' } & Arrival)
  | ({ readonly kind: 'elsewhere' } & RegistryAnswer);

async function whereabouts(
  engine: DockerEngine,
  image: string,
  setupFile: string,
  signal: AbortSignal,
): Promise<Whereabouts> {
  if (await hasImage(engine, image, signal)) return { kind: 'here' };
  const arrival = await expectedArrival(setupFile, image);
  if (arrival !== undefined) return { kind: 'arriving', ...arrival };
  return { kind: 'elsewhere', ...(await askRegistry(engine, image, signal)) };
}

export function judgeImage({ image, bring }: WantedImage, where: Whereabouts): Judgement {
  switch (where.kind) {
    case 'here':
      return right(image);
    case 'arriving':
      return where.state === 'building'
        ? doubtful(
            `${image} is being built by set-up (${where.note})`,
            './factory doctor   # again in a while',
          )
        : wrong(`set-up could not build ${image} (${where.note})`, bring);
    case 'elsewhere':
      return where.has
        ? doubtful(`${image} will be pulled when it is first needed`, `docker pull ${image}`)
        : wrong(`${image} is not here, and can not be pulled: ${where.reason}`, bring);
  }
}
