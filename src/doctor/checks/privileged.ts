import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { hasImage } from '../../images/has-image.ts';
import { containerImages, nodeImages } from '../../labs/lab-catalogue.ts';
import { LABEL } from '../../names/docker-names.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import type { Check } from '../check.ts';
import { type Judgement, right, wrong } from '../judgement.ts';
import type { Site } from '../site.ts';

/** How long the removal of the container may take; ms. It goes on when the doctor was told to stop. */
const REMOVAL_LIMIT = 20_000;

/** What an ordinary container may not do, in words that every shell has. What is mounted ends with the container. */
const TRIAL = 'mount -t tmpfs none /sys && echo privileged';

/** Runs a privileged container for a moment, as k3d does for long: it shows what no setting tells. */
export const privileged: Check = {
  needs: 'engine',
  limit: 120_000,
  look: async (site, { engine }, signal) => {
    const candidates = imagesWithShell(site);
    for (const image of candidates) {
      if (await hasImage(engine, image, signal))
        return await tryPrivileged(engine, image, site.instance, signal);
    }
    return wrong(
      `not tried: no image with a shell is here (${candidates.join(', ')})`,
      './factory setup   # brings them',
    );
  },
};

/** k3d needs a shell in a node's image, and a lab is one. */
function imagesWithShell({ config, labs }: Site): readonly string[] {
  return [...new Set([config.images.node, ...nodeImages(labs), ...containerImages(labs)])];
}

async function tryPrivileged(
  engine: DockerEngine,
  image: string,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<Judgement> {
  try {
    const output = await runToItsEnd(engine, image, instance, signal);
    if (/^privileged\s*$/m.test(output)) return right(`privileged containers work (tried with ${image})`);
    return refused(image, output);
  } catch (thrown) {
    if (thrown instanceof FactoryError && thrown.code === 'DOCKER_FAILED')
      return refused(image, thrown.detail ?? '');
    throw thrown;
  }
}

function refused(image: string, words: string): Judgement {
  return wrong(
    `privileged containers do not work here, and k3d needs them: ${words.trim().replaceAll(/\s+/g, ' ')}`,
    `docker run --rm --privileged --entrypoint sh ${image} -c '${TRIAL}'`,
  );
}

/** Resolves with what the container printed, once it is removed. */
async function runToItsEnd(
  engine: DockerEngine,
  image: string,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<string> {
  const container = await engine.call({
    what: 'make a privileged container',
    // Not cut short: the engine would make it all the same, and nobody would know which it is.
    signal: new AbortController().signal,
    request: (docker) =>
      docker.createContainer({
        Image: image,
        Entrypoint: ['sh', '-c', TRIAL],
        Cmd: [],
        User: '0',
        // Without a terminal the log would come in frames.
        Tty: true,
        Labels: { [LABEL.instance]: instance, [LABEL.role]: 'doctor' },
        HostConfig: { Privileged: true, NetworkMode: 'none' },
      }),
  });
  try {
    return await engine.call({
      what: 'run a privileged container',
      signal,
      timeout: 90_000,
      request: async (_, abortSignal) => {
        await container.start({ abortSignal });
        await container.wait({ abortSignal });
        const log = await container.logs({ stdout: true, stderr: true, follow: false, abortSignal });
        return log.toString('utf8');
      },
    });
  } finally {
    await engine.callUnless([404], {
      what: 'remove the privileged container',
      signal: AbortSignal.timeout(REMOVAL_LIMIT),
      request: (_, abortSignal) => container.remove({ force: true, v: true, abortSignal }),
    });
  }
}
