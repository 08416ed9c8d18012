import { forceRemove } from '../docker-engine/container-removal.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { removeNetwork } from '../docker-engine/network-removal.ts';
import type { RemovalStep } from './removal-step.ts';

/** With its anonymous volumes. */
export function containerStep(engine: DockerEngine, name: string): RemovalStep {
  return {
    kind: 'container',
    name,
    remove: (signal) =>
      forceRemove(engine, name, { what: 'remove the container', timeout: 120_000, volumes: true }, signal),
  };
}

export function networkStep(engine: DockerEngine, name: string): RemovalStep {
  return { kind: 'network', name, remove: (signal) => removeNetwork(engine, name, signal) };
}

/** One that a container outside the factory uses stays; Docker refuses, and says which. */
export function volumeStep(engine: DockerEngine, name: string): RemovalStep {
  return {
    kind: 'volume',
    name,
    remove: async (signal) => {
      await engine.callUnless([404], {
        what: 'remove the volume',
        signal,
        timeout: 120_000,
        request: (docker, abortSignal) => docker.getVolume(name).remove({ abortSignal }),
      });
    },
  };
}

/** One that any container uses stays. */
export function imageStep(engine: DockerEngine, name: string): RemovalStep {
  return {
    kind: 'image',
    name,
    remove: async (signal) => {
      await engine.callUnless([404], {
        what: 'remove the image',
        signal,
        timeout: 120_000,
        request: (docker, abortSignal) => docker.getImage(name).remove({ abortSignal }),
      });
    },
  };
}
