import { randomUUID } from 'node:crypto';
import { LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { DockerEngine } from './docker-engine.ts';

/** The role of a container that only holds a volume open. */
export const HELPER_ROLE = 'helper';

/** A volume's files by way of a container that is never started, as Docker reads and writes files of containers alone. */
export interface VolumeAccess extends AsyncDisposable {
  /** Name of the container. */
  readonly container: string;
  /** Where the volume is in it. */
  readonly path: string;
}

const PATH = '/volume';
const CLEAN_UP_TIMEOUT = 30_000;

/** `image`: any one that is here; nothing in it is run. */
export async function openVolume(
  engine: DockerEngine,
  { instance, image, volume }: { instance: InstanceId; image: string; volume: string },
  signal: AbortSignal,
): Promise<VolumeAccess> {
  const container = `ssh-lab-factory.${instance}.helper.${randomUUID()}`;
  await engine.call({
    what: 'make a container to reach a volume',
    signal,
    request: (docker, abortSignal) =>
      docker.createContainer({
        name: container,
        Image: image,
        Entrypoint: ['never-started'],
        Cmd: [],
        Labels: { [LABEL.instance]: instance, [LABEL.role]: HELPER_ROLE },
        HostConfig: {
          NetworkMode: 'none',
          Mounts: [
            {
              Type: 'volume',
              Source: volume,
              Target: PATH,
              VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
            },
          ],
        },
        abortSignal,
      }),
  });
  return {
    container,
    path: PATH,
    async [Symbol.asyncDispose]() {
      await removeHelper(engine, container, AbortSignal.timeout(CLEAN_UP_TIMEOUT));
    },
  };
}

/** Those that a killed process left behind; nobody else may be using one. */
export async function removeHelpers(
  engine: DockerEngine,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<void> {
  const label = [`${LABEL.instance}=${instance}`, `${LABEL.role}=${HELPER_ROLE}`];
  const helpers = await engine.call({
    what: 'list its containers',
    signal,
    request: (docker, abortSignal) => docker.listContainers({ all: true, filters: { label }, abortSignal }),
  });
  for (const { Id } of helpers) await removeHelper(engine, Id, signal);
}

/** With the anonymous volumes that its image may declare; the volume that it holds has a name and stays. */
async function removeHelper(engine: DockerEngine, container: string, signal: AbortSignal): Promise<void> {
  await engine.callUnless([404], {
    what: 'remove a container',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(container).remove({ force: true, v: true, abortSignal }),
  });
}
