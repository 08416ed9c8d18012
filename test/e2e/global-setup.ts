import { access } from 'node:fs/promises';
import { docker } from './harness/docker.ts';
import { BASE_LAB_IMAGE, findSetUp, LAB_IMAGE, PROGRAM } from './harness/set-up.ts';
import { sweepDeadRuns } from './harness/sweeper.ts';

/** Says in one sentence what is missing before the first test, instead of failing in each. */
export async function setup(): Promise<void> {
  await access(PROGRAM).catch(() => {
    throw new Error(`${PROGRAM} is missing; run \`npm run build\` first`);
  });
  await docker(['version']).catch(() => {
    throw new Error('no Docker engine answers; the end-to-end tests need one');
  });
  const { images } = await findSetUp();
  for (const image of [images.node, images.traefik, LAB_IMAGE, BASE_LAB_IMAGE]) {
    await docker(['image', 'inspect', image]).catch(() => {
      throw new Error(`the image ${image} is missing; \`./factory setup\` builds what it needs`);
    });
  }
  await sweepDeadRuns();
}
