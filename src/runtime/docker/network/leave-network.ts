import type { WorkspaceObjects } from '../workspace-objects.ts';

/** Takes the container out of a network, whether it runs or not; it need not be in it. `what`: as in `DockerCall`. */
export async function leaveNetwork(
  { engine, names }: WorkspaceObjects,
  network: string,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  await engine.callUnless([404], {
    what,
    signal,
    request: (docker, abortSignal) => {
      const options = { Container: names.container, Force: true, abortSignal };
      return docker.getNetwork(network).disconnect(options);
    },
  });
}
