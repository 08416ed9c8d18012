import type Docker from 'dockerode';
import type { ContainerState } from '../../workspaces/ports/runtime.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/** The container as Docker describes it; undefined where there is none. */
export function inspectContainer(
  { engine, names }: WorkspaceObjects,
  signal: AbortSignal,
): Promise<Docker.ContainerInspectInfo | undefined> {
  return engine.callUnless([404], {
    what: 'look at the container',
    signal,
    request: (docker, abortSignal) => docker.getContainer(names.container).inspect({ abortSignal }),
  });
}

/** A container that never ran is `absent`: its creation was cut short, and `create` makes it anew. */
export function stateOf(container: Docker.ContainerInspectInfo | undefined): ContainerState {
  if (container === undefined) return 'absent';
  const { Paused, Running, Status } = container.State;
  if (Paused) return 'suspended';
  if (Running) return 'running';
  return Status === 'created' || Status === 'removing' ? 'absent' : 'stopped';
}
