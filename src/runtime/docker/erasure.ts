import { removeNetwork } from '../../docker-engine/network-removal.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/** Removes what a workspace without a container still has: its network, and its home volume where that is wanted. */
export async function eraseRemains(
  objects: WorkspaceObjects,
  { home }: { readonly home: boolean },
  signal: AbortSignal,
): Promise<void> {
  await removeNetwork(objects.engine, objects.names.network, signal);
  if (home) await removeHome(objects, signal);
}

export async function removeHome({ engine, names }: WorkspaceObjects, signal: AbortSignal): Promise<void> {
  await engine.callUnless([404], {
    what: 'remove the home volume',
    signal,
    request: (docker, abortSignal) => docker.getVolume(names.homeVolume).remove({ abortSignal }),
  });
}
