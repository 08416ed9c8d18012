import type { DockerEngine } from './docker-engine.ts';

/**
 * 404: container or network is gone. 403, 500 (in the words of older and newer engines): it is not in the network, has just left it, or is being
 * removed. Docker has no status of its own for that, so whatever comes next has to tell whether it is out.
 */
const OUT_ALREADY = [403, 404, 500];

/** Takes a container out of a network, whether it runs or not; it need not be in it, and neither need be there. `what`: as in `DockerCall`. */
export async function leaveNetwork(
  engine: DockerEngine,
  network: string,
  container: string,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  await engine.callUnless(OUT_ALREADY, {
    what,
    signal,
    request: (docker, abortSignal) =>
      docker.getNetwork(network).disconnect({ Container: container, Force: true, abortSignal }),
  });
}
