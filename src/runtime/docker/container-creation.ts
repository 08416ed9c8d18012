import { refusalStatus } from '../../docker-engine/docker-failure.ts';
import { pathStat } from '../../docker-engine/path-stat.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { clusterProgramFiles, PROGRAM_PATH, type ProgramFile } from '../../lab-program/lab-program.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { SubnetPool } from '../../subnets/subnet-pool.ts';
import type { Progress } from '../../workspaces/ports/progress.ts';
import { containerSpec } from './container-spec.ts';
import { inspectContainer, stateOf } from './container-state.ts';
import { removeContainer, resumeContainer, startContainer } from './container-transitions.ts';
import { factoryFiles } from './factory-files.ts';
import { imageMissing, imageWithoutSshd } from './lab-image-errors.ts';
import { ensureLabNetwork } from './lab-network.ts';
import { SSHD } from './sshd-config.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

export interface ContainerCreationParts {
  readonly images: ImageStore;
  readonly subnets: SubnetPool;
  /** One line of authorized_keys. */
  readonly innerAuthorizedKey: string;
  /** What the environment of the container holds besides the lab's own. */
  readonly env: Readonly<Record<string, string>>;
}

/** How long the remains of a failed creation may take to go away; ms. */
const CLEAN_UP_TIMEOUT = 30_000;

/** Makes the container, or wakes the one that is there. A creation that fails leaves no container. */
export async function createContainer(
  objects: WorkspaceObjects,
  lab: LabDefinition,
  parts: ContainerCreationParts,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const found = await inspectContainer(objects, signal);
  const state = stateOf(found);
  if (state === 'running') return;
  if (state === 'suspended') return resumeContainer(objects, signal);
  if (state === 'stopped') return startContainer(objects, signal);
  if (found !== undefined) await removeContainer(objects, signal);
  await ensureLabImage(lab, parts.images, progress, signal);
  progress('making your machine');
  await ensureLabNetwork(objects, parts.subnets, signal);
  try {
    await createNew(objects, lab, parts, signal);
  } catch (thrown) {
    await removeContainer(objects, AbortSignal.timeout(CLEAN_UP_TIMEOUT)).catch(() => undefined);
    throw thrown;
  }
}

async function ensureLabImage(
  lab: LabDefinition,
  images: ImageStore,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  try {
    await images.ensure(lab.container.image, progress, signal);
  } catch (thrown) {
    const unavailable = thrown instanceof FactoryError && thrown.code === 'IMAGE_UNAVAILABLE';
    throw unavailable ? imageMissing(lab, thrown) : thrown;
  }
}

/** All is in place before the first start, so that a container that has run is a whole one. */
async function createNew(
  objects: WorkspaceObjects,
  lab: LabDefinition,
  { innerAuthorizedKey, env }: ContainerCreationParts,
  signal: AbortSignal,
): Promise<void> {
  const { engine, names } = objects;
  await engine
    .call({
      what: 'make the container',
      signal,
      timeout: 120_000,
      request: (docker, abortSignal) =>
        docker.createContainer({ ...containerSpec(objects, lab, env), abortSignal }),
    })
    .catch((thrown: unknown) => {
      throw refusalStatus(thrown) === 404 ? imageMissing(lab, thrown) : thrown;
    });
  await assertSshd(objects, lab, signal);
  const program = await programFor(objects, lab, signal);
  const files = await factoryFiles(lab.container, innerAuthorizedKey, program);
  await engine.call({
    what: 'put files into the container',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(names.container).putArchive(files, { path: '/', abortSignal }),
  });
  await startContainer(objects, signal);
}

/** A lab without a cluster has nothing to say to one, and one that brings a program of that name knows why. */
async function programFor(
  { engine, names }: WorkspaceObjects,
  lab: LabDefinition,
  signal: AbortSignal,
): Promise<readonly ProgramFile[]> {
  if (lab.cluster === undefined) return [];
  const own = await pathStat(engine, names.container, PROGRAM_PATH, signal);
  return own === undefined ? clusterProgramFiles() : [];
}

async function assertSshd(
  { engine, names }: WorkspaceObjects,
  lab: LabDefinition,
  signal: AbortSignal,
): Promise<void> {
  await engine
    .call({
      what: `find ${SSHD} in the container`,
      signal,
      request: (docker, abortSignal) =>
        docker.getContainer(names.container).infoArchive({ path: SSHD, abortSignal }),
    })
    .catch((thrown: unknown) => {
      throw refusalStatus(thrown) === 404 ? imageWithoutSshd(lab, thrown) : thrown;
    });
}
