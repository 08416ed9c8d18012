import type Docker from 'dockerode';
import type { FrontContainer, FrontContainers } from '../../../containerssh/front-containers.ts';
import { forceRemove } from '../../../docker-engine/container-removal.ts';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../../../docker-engine/workspace-labels.ts';
import { LABEL } from '../../../names/docker-names.ts';
import type { InstanceId } from '../../../names/instance-id.ts';
import { formatWorkspaceKey } from '../../../names/workspace-key.ts';
import { putKubeconfig } from '../files/kubeconfig-file.ts';
import { type WorkspaceEnvOptions, workspaceEnv } from '../workspace-env.ts';
import { type WorkspaceObjects, workspaceObjects } from '../workspace-objects.ts';
import { isBusy } from './front-busy.ts';
import { connectionOfLabels } from './front-labels.ts';
import { frontLaunch } from './front-launch.ts';

/** So many containers are looked at side by side. */
const LOOKERS = 4;

/**
 * Docker (20.10) does not answer for a container that was paused in the very moment in which a command began in it. Nobody knows
 * whether something runs in such a one, so it counts as busy; the others must not wait for it. ms
 */
const LOOK_LIMIT = 5_000;

/** The `FrontContainers` of a Docker engine, which the ContainerSSH in front uses as well. */
export function createDockerFronts(
  engine: DockerEngine,
  instance: InstanceId,
  options: WorkspaceEnvOptions,
): FrontContainers {
  const ofFactory = workspaceEnv(options);
  return {
    list: (signal) => listFronts(engine, instance, signal),
    launch: (connection, env, signal) =>
      frontLaunch(
        workspaceObjects(engine, instance, connection.key),
        connection,
        { env, ofFactory: ofFactory(connection.key) },
        signal,
      ),
    async putKubeconfig({ id, key }, kubeconfig, signal) {
      const found = await inspectFront(engine, instance, id, signal);
      const owner = workspaceOfLabels(found?.Config.Labels);
      if (found === undefined || owner === undefined) return;
      if (formatWorkspaceKey(owner) !== formatWorkspaceKey(key)) return;
      await putKubeconfig(inFront(engine, instance, { id, key }), found.Config.User, kubeconfig, signal);
    },
    async remove(id, signal) {
      if ((await inspectFront(engine, instance, id, signal)) === undefined) return;
      const removal = { what: 'remove a container of the front', timeout: 60_000, volumes: true };
      await forceRemove(engine, id, removal, signal);
    },
  };
}

async function listFronts(
  engine: DockerEngine,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<readonly FrontContainer[]> {
  const label = [`${LABEL.instance}=${instance}`, `${LABEL.role}=front`];
  const containers = await engine.call({
    what: 'list the containers of the front',
    signal,
    request: (docker, abortSignal) => docker.listContainers({ all: true, filters: { label }, abortSignal }),
  });
  const found: FrontContainer[] = [];
  const queue = containers.values();
  const looker = async () => {
    for (const listed of queue) {
      const front = await lookAt(engine, instance, listed, signal);
      if (front !== undefined) found.push(front);
    }
  };
  await Promise.all(Array.from({ length: LOOKERS }, looker));
  return found;
}

/** Undefined: it has gone meanwhile. */
async function lookAt(
  engine: DockerEngine,
  instance: InstanceId,
  { Id, Labels, State }: Docker.ContainerInfo,
  signal: AbortSignal,
): Promise<FrontContainer | undefined> {
  const connection = connectionOfLabels(Labels, Id);
  if (connection === undefined) return undefined;
  const late = AbortSignal.timeout(LOOK_LIMIT);
  try {
    return await inspected(engine, instance, { id: Id, connection }, AbortSignal.any([signal, late]));
  } catch (thrown) {
    if (!late.aborted || signal.aborted) throw thrown;
    const isEnded = State === 'exited' || State === 'dead';
    return { id: Id, connection, state: isEnded ? 'ended' : 'running', busy: !isEnded, cutOff: false };
  }
}

async function inspected(
  engine: DockerEngine,
  instance: InstanceId,
  known: Pick<FrontContainer, 'id' | 'connection'>,
  signal: AbortSignal,
): Promise<FrontContainer | undefined> {
  const container = await inspectFront(engine, instance, known.id, signal);
  if (container === undefined) return undefined;
  const state = stateOf(container);
  if (state === 'ended') return { ...known, state, busy: false, cutOff: false };
  return {
    ...known,
    state,
    busy: state !== 'starting' && (await isBusy(engine, container, signal)),
    cutOff: state !== 'starting' && (await isCutOff(engine, container, signal)),
  };
}

function stateOf({ State }: Docker.ContainerInspectInfo): FrontContainer['state'] {
  if (State.Paused) return 'paused';
  if (State.Running) return 'running';
  return State.Status === 'created' ? 'starting' : 'ended';
}

/**
 * Whether the container whose network namespace it shares is not that one any more: with a stop the namespace loses its interfaces,
 * and a start makes another (tried with 20.10). Docker keeps the id of the container that was named.
 */
async function isCutOff(
  engine: DockerEngine,
  { HostConfig, State }: Docker.ContainerInspectInfo,
  signal: AbortSignal,
): Promise<boolean> {
  const host = /^container:(.+)$/.exec(HostConfig.NetworkMode ?? '')?.[1];
  if (host === undefined) return false;
  const found = await inspect(engine, host, signal);
  if (found === undefined || !found.State.Running) return true;
  return Date.parse(found.State.StartedAt) > Date.parse(State.StartedAt);
}

/** Undefined where there is none, or where it is none of a front of this instance. */
async function inspectFront(
  engine: DockerEngine,
  instance: InstanceId,
  id: string,
  signal: AbortSignal,
): Promise<Docker.ContainerInspectInfo | undefined> {
  const found = await inspect(engine, id, signal);
  const labels = found?.Config.Labels;
  return labels?.[LABEL.instance] === instance && labels[LABEL.role] === 'front' ? found : undefined;
}

function inspect(
  engine: DockerEngine,
  id: string,
  signal: AbortSignal,
): Promise<Docker.ContainerInspectInfo | undefined> {
  return engine.callUnless([404], {
    what: 'look at a container of the front',
    signal,
    request: (docker, abortSignal) => docker.getContainer(id).inspect({ abortSignal }),
  });
}

/** The workspace's objects with this container in the place of its own. */
function inFront(
  engine: DockerEngine,
  instance: InstanceId,
  { id, key }: Parameters<FrontContainers['putKubeconfig']>[0],
): WorkspaceObjects {
  const objects = workspaceObjects(engine, instance, key);
  return { ...objects, names: { ...objects.names, container: id } };
}
