import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { engineInfo } from '../docker-engine/engine-info.ts';
import { FactoryError } from '../errors/factory-error.ts';

/** Throws `DOCKER_UNAVAILABLE` elsewhere: before anything is fetched that would be of no use. */
export function assertLinux(platform: NodeJS.Platform): void {
  if (platform !== 'linux')
    throw notHere('The engine of this system has its containers in a virtual machine');
}

/**
 * Rejects with `DOCKER_UNAVAILABLE` where the engine's containers are on a network that this machine's programs do not reach:
 * Docker Desktop has them in a virtual machine, a rootless engine in a namespace.
 */
export async function assertEngineHere(engine: DockerEngine, signal: AbortSignal): Promise<void> {
  const { OperatingSystem, SecurityOptions } = await engineInfo(engine, signal);
  if (OperatingSystem === 'Docker Desktop') {
    throw notHere('Docker Desktop has its containers in a virtual machine');
  }
  if (Array.isArray(SecurityOptions) && SecurityOptions.includes('name=rootless')) {
    throw notHere('A rootless engine has its containers on a network of its own');
  }
}

function notHere(reason: string): FactoryError {
  return new FactoryError(
    'DOCKER_UNAVAILABLE',
    `${reason}, where a lab can't be reached yet. Use a Linux with an engine of its own: a virtual machine, or an Ubuntu of WSL 2 with docker.io in it.`,
  );
}
