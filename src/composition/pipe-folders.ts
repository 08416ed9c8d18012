import { release } from 'node:os';
import { join } from 'node:path';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { engineInfo } from '../docker-engine/engine-info.ts';
import { PipeFolders } from '../runtime/docker/sessions/pipes/pipe-folders.ts';

/**
 * The folders of named pipes in the data folder, without what an earlier factory left in them. `undefined` where the engine is on
 * another machine, real or virtual: a pipe joins programs of one kernel.
 */
export async function openPipeFolders(
  engine: DockerEngine,
  data: string,
  signal: AbortSignal,
): Promise<PipeFolders | undefined> {
  const { KernelVersion } = await engineInfo(engine, signal);
  if (KernelVersion !== release()) return undefined;
  const folders = new PipeFolders(join(data, 'pipes'));
  await folders.sweep();
  return folders;
}
