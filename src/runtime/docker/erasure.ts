import { removeNetwork } from '../../docker-engine/network-removal.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/** Removes what a workspace without a container still has: its network, and its home volume where that is wanted. */
export async function eraseRemains(
  { engine, names }: WorkspaceObjects,
  { home }: { readonly home: boolean },
  signal: AbortSignal,
): Promise<void> {
  await removeNetwork(engine, names.network, signal);
  if (!home) return;
  await engine.callUnless([404], {
    what: 'remove the home volume',
    signal,
    request: (docker, abortSignal) => docker.getVolume(names.homeVolume).remove({ abortSignal }),
  });
}
