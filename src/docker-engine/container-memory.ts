import { containerUse } from './container-use.ts';
import type { DockerEngine } from './docker-engine.ts';

/**
 * What a container takes of the host's memory now, paused ones too; bytes. 0 where it does not run or is not there, undefined
 * where nobody can tell.
 */
export async function containerMemory(
  engine: DockerEngine,
  container: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  return (await containerUse(engine, container, signal)).memory;
}
