import { putEntries } from '../../docker-engine/container-entries.ts';
import { refusalStatus } from '../../docker-engine/docker-failure.ts';
import { pathStat } from '../../docker-engine/path-stat.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { clusterProgramFiles, PROGRAM_PATH, type ProgramFile } from '../../lab-program/lab-program.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { SubnetPool } from '../../subnets/subnet-pool.ts';
import type { Progress } from '../../workspaces/ports/progress.ts';
import { containerSpec, hostMountsOf } from './container-spec.ts';
import { inspectContainer, stateOf } from './container-state.ts';
import { removeContainer, resumeContainer, startContainer } from './container-transitions.ts';
import { removeHome } from './erasure.ts';
import { assertMountable } from './files/assert-mountable.ts';
import { factoryFiles } from './files/factory-files.ts';
import { labFiles, refusedFile } from './files/lab-files.ts';
import { assertMountSources } from './files/mount-sources.ts';
import { placedFiles, type WantedFile } from './files/placed-files.ts';
import { trustedRoot } from './files/trusted-root.ts';
import { imageMissing, imageWithoutSshd } from './lab-image-errors.ts';
import { ensureLabNetwork } from './network/lab-network.ts';
import type { PipeFolders } from './sessions/pipes/pipe-folders.ts';
import { SSHD } from './sessions/sshd-config.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

export interface ContainerCreationParts {
  readonly images: ImageStore;
  readonly subnets: SubnetPool;
  /** One line of authorized_keys. */
  readonly innerAuthorizedKey: string;
  /** What the environment of the container holds besides the lab's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Whom its programs trust besides those that its image does; certificates, PEM. */
  readonly trustedRoot: string | undefined;
  readonly host: HostParts;
}

/** What containers have of the host. */
export interface HostParts {
  /** No lab gets one of these, nor what is in or above them. */
  readonly forbiddenMounts: readonly string[];
  /** Where sessions can have named pipes. */
  readonly pipeFolders: PipeFolders | undefined;
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
  if (state === 'stopped') return startAgain(objects, parts.host, signal);
  if (found !== undefined) await removeContainer(objects, signal);
  const files = await labFiles(lab, signal);
  await assertMountable(lab, parts.host.forbiddenMounts);
  await ensureLabImage(lab, parts.images, progress, signal);
  progress('making your machine');
  await ensureLabNetwork(objects, lab.container.egress, parts.subnets, signal);
  const hadHome = await hasHome(objects, signal);
  try {
    await createNew(objects, lab, { ...parts, files, keepsHome: hadHome }, signal);
  } catch (thrown) {
    const late = AbortSignal.timeout(CLEAN_UP_TIMEOUT);
    await removeContainer(objects, late).catch(() => undefined);
    // Else the next one would take what the image put there for something that a student wrote.
    if (!hadHome) await removeHome(objects, late).catch(() => undefined);
    throw thrown;
  }
}

/** Starts a container that ran before, if the host still has what it mounts. */
export async function startAgain(
  objects: WorkspaceObjects,
  { forbiddenMounts, pipeFolders }: HostParts,
  signal: AbortSignal,
): Promise<void> {
  const container = await inspectContainer(objects, signal);
  if (container !== undefined && stateOf(container) !== 'running') {
    const sources = hostMountsOf(container).map(({ source }) => source);
    await assertMountSources(sources, forbiddenMounts);
  }
  await pipeFolders?.ensure(objects.key);
  await startContainer(objects, signal);
}

async function hasHome({ engine, names }: WorkspaceObjects, signal: AbortSignal): Promise<boolean> {
  const found = await engine.callUnless([404], {
    what: 'look for the home volume',
    signal,
    request: (docker, abortSignal) => docker.getVolume(names.homeVolume).inspect({ abortSignal }),
  });
  return found !== undefined;
}

async function ensureLabImage(
  lab: LabDefinition,
  images: ImageStore,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { image, build } = lab.container;
  if (build !== undefined) return images.ensureBuilt({ image, folder: build }, progress, signal);
  try {
    await images.ensure(image, progress, signal);
  } catch (thrown) {
    const unavailable = thrown instanceof FactoryError && thrown.code === 'IMAGE_UNAVAILABLE';
    throw unavailable ? imageMissing(lab, thrown) : thrown;
  }
}

interface NewContainerParts extends ContainerCreationParts {
  /** Of the lab. */
  readonly files: readonly WantedFile[];
  /** There is a home of an earlier container, and its files stay. */
  readonly keepsHome: boolean;
}

/** All is in place before the first start, so that a container that has run is a whole one. */
async function createNew(
  objects: WorkspaceObjects,
  lab: LabDefinition,
  { innerAuthorizedKey, env, trustedRoot: root, host, files, keepsHome }: NewContainerParts,
  signal: AbortSignal,
): Promise<void> {
  const { engine, key, names } = objects;
  const pipesFolder = await host.pipeFolders?.ensure(key);
  await engine
    .call({
      what: 'make the container',
      signal,
      timeout: 120_000,
      request: (docker, abortSignal) =>
        docker.createContainer({ ...containerSpec(objects, lab, env, pipesFolder), abortSignal }),
    })
    .catch((thrown: unknown) => {
      throw refusalStatus(thrown) === 404 ? imageMissing(lab, thrown) : thrown;
    });
  await assertSshd(objects, lab, signal);
  const program = await programFor(objects, lab, signal);
  const { user, home } = lab.container;
  const refuse = (path: string, problem: string) => refusedFile(lab, path, problem);
  const placement = { user, keepsHome: keepsHome && home === 'kept', refuse };
  const entries = [
    ...(await trustedRoot(objects, root, signal)),
    ...(await placedFiles(objects, files, placement, signal)),
    ...factoryFiles(lab.container, innerAuthorizedKey, program),
  ];
  await putEntries(engine, names.container, entries, signal);
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
