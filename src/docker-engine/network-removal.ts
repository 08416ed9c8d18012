import type { DockerEngine } from './docker-engine.ts';

/** Removes a network, whoever is in it; it need not be there. Docker keeps one with a container in it, so each leaves first. */
export async function removeNetwork(engine: DockerEngine, name: string, signal: AbortSignal): Promise<void> {
  const network = await engine.callUnless([404], {
    what: 'look at a network',
    signal,
    request: (docker) => docker.getNetwork(name).inspect(),
  });
  for (const container of Object.keys(network?.Containers ?? {})) {
    await engine.callUnless([404], {
      what: 'take a container out of a network',
      signal,
      request: (docker, abortSignal) =>
        docker.getNetwork(name).disconnect({ Container: container, Force: true, abortSignal }),
    });
  }
  await engine.callUnless([404], {
    what: 'remove a network',
    signal,
    request: (docker, abortSignal) => docker.getNetwork(name).remove({ abortSignal }),
  });
}
