import { leaveNetwork } from '../../../docker-engine/network-leaving.ts';
import { inspectContainer } from '../container-state.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';

/**
 * Takes the container out of networks that are gone or were made anew under the same name while it was stopped: Docker
 * refuses to start it until then. Says whether there was one.
 */
export async function leaveVanishedNetworks(
  objects: WorkspaceObjects,
  signal: AbortSignal,
): Promise<boolean> {
  const { engine, names } = objects;
  const container = await inspectContainer(objects, signal);
  let left = false;
  for (const [network, endpoint] of Object.entries(container?.NetworkSettings.Networks ?? {})) {
    if (network === names.network || (await networkHasId(objects, network, endpoint.NetworkID, signal)))
      continue;
    const what = 'take the container out of a network that is gone';
    await leaveNetwork(engine, network, names.container, what, signal);
    left = true;
  }
  return left;
}

async function networkHasId(
  { engine }: WorkspaceObjects,
  network: string,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await engine.callUnless([404], {
    what: 'look for a network',
    signal,
    request: (docker) => docker.getNetwork(network).inspect(),
  });
  return found !== undefined && (id === '' || found.Id === id);
}
