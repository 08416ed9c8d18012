import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeImages, withSameImage } from '../labs/lab-catalogue.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';
import { quoted } from '../words/shell-word.ts';
import type { Site } from './site.ts';

/** An image that the factory will need. */
export interface WantedImage {
  readonly image: string;
  /** What to type to have it, where no registry does. */
  readonly bring: string;
}

/** Names that only set-up gives. */
const MADE_BY_SETUP = /^(?:ssh-lab-factory|sshlab-testbed)\//;

const SETUP = './factory setup   # builds or brings it';

/** Each once. */
export async function wantedImages({ config, labs, k3dImages }: Site): Promise<readonly WantedImage[]> {
  const all = labs.all();
  const needsNodes = all.some(({ cluster }) => cluster !== undefined && cluster.image === undefined);
  const own = [config.images.traefik, ...(needsNodes ? [config.images.node] : [])];
  const nodes = nodeImages(labs);
  const k3d = k3dImages === undefined ? [] : [k3dImages.tools, k3dImages.loadbalancer];
  const simple = [...own, ...nodes, ...k3d].map((image) => ({ image, bring: broughtBy(image) }));
  const ofLabs = await Promise.all(
    withSameImage(labs).map(async (lab) => ({ image: lab.container.image, bring: await broughtByLab(lab) })),
  );
  return [...new Map([...simple, ...ofLabs].map((wanted) => [wanted.image, wanted])).values()];
}

function broughtBy(image: string): string {
  return MADE_BY_SETUP.test(image)
    ? SETUP
    : `docker pull ${image}   # or docker load --input FILE, or ./factory setup`;
}

/** Set-up builds what its own labs need with more around it than their Dockerfile. */
async function broughtByLab({ folder, container: { image } }: LabDefinition): Promise<string> {
  if (MADE_BY_SETUP.test(image)) return SETUP;
  const hasRecipe = await access(join(folder, 'Dockerfile')).then(
    () => true,
    () => false,
  );
  return hasRecipe ? `docker build --tag ${image} ${quoted(folder)}` : broughtBy(image);
}
