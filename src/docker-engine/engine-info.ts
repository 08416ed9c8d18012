import type { DockerEngine } from './docker-engine.ts';

/** What the engine says of itself (`docker info`), unchecked. Rejects as `DockerEngine.call` does, after `timeout` ms at the latest. */
export function engineInfo(
  engine: DockerEngine,
  signal: AbortSignal,
  timeout?: number,
): Promise<Readonly<Record<string, unknown>>> {
  return engine.call({
    what: 'tell about itself',
    signal,
    ...(timeout !== undefined && { timeout }),
    request: (docker) => docker.info(),
  });
}
