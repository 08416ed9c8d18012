import { forceRemove } from '../../docker-engine/container-removal.ts';
import type { DockerCall } from '../../docker-engine/docker-engine.ts';
import { refusalStatus } from '../../docker-engine/docker-failure.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ContainerState } from '../../workspaces/ports/runtime.ts';
import { inspectContainer, stateOf } from './container-state.ts';
import { leaveVanishedNetworks } from './network/vanished-networks.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/** Processes that ignore SIGTERM get SIGKILL after so long; s. */
const STOP_GRACE = 3;

export async function startContainer(objects: WorkspaceObjects, signal: AbortSignal): Promise<void> {
  const start = () =>
    reach(objects, 'running', {
      what: 'start the container',
      signal,
      timeout: 60_000,
      request: (docker, abortSignal) => docker.getContainer(objects.names.container).start({ abortSignal }),
    });
  try {
    try {
      await start();
    } catch (thrown) {
      if (refusalStatus(thrown) === undefined || !(await leaveVanishedNetworks(objects, signal)))
        throw thrown;
      await start();
    }
  } catch (thrown) {
    throw refusalStatus(thrown) === undefined ? thrown : containerFailed(thrown);
  }
}

export function resumeContainer(objects: WorkspaceObjects, signal: AbortSignal): Promise<void> {
  return reach(objects, 'running', {
    what: 'resume the container',
    signal,
    request: (docker, abortSignal) => docker.getContainer(objects.names.container).unpause({ abortSignal }),
  });
}

export function suspendContainer(objects: WorkspaceObjects, signal: AbortSignal): Promise<void> {
  return reach(objects, 'suspended', {
    what: 'pause the container',
    signal,
    request: (docker, abortSignal) => docker.getContainer(objects.names.container).pause({ abortSignal }),
  });
}

export function stopContainer(objects: WorkspaceObjects, signal: AbortSignal): Promise<void> {
  return reach(objects, 'stopped', {
    what: 'stop the container',
    signal,
    timeout: 60_000,
    request: (docker, abortSignal) =>
      docker.getContainer(objects.names.container).stop({ t: STOP_GRACE, abortSignal }),
  });
}

/** The home is a named volume and stays; volumes that the image declares go with the container. */
export async function removeContainer(
  { engine, names }: WorkspaceObjects,
  signal: AbortSignal,
): Promise<void> {
  const removal = { what: 'remove the container', timeout: 60_000, volumes: true };
  await forceRemove(engine, names.container, removal, signal);
}

/** A refusal is no failure where the container is in the wanted state already, whoever brought it there. */
async function reach(
  objects: WorkspaceObjects,
  wanted: ContainerState,
  call: DockerCall<unknown>,
): Promise<void> {
  try {
    await objects.engine.callUnless([304], call);
  } catch (thrown) {
    if (refusalStatus(thrown) === undefined) throw thrown;
    if (stateOf(await inspectContainer(objects, call.signal)) !== wanted) throw thrown;
  }
}

function containerFailed(thrown: unknown): FactoryError {
  return new FactoryError(
    'CONTAINER_FAILED',
    'The container of this lab does not start; the operator finds the reason in the log.',
    {
      cause: thrown,
      ...(thrown instanceof FactoryError && thrown.detail !== undefined && { detail: thrown.detail }),
    },
  );
}
