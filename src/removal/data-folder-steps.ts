import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RemovalStep } from './removal-step.ts';

/**
 * What a factory makes in its data folder; the operator may have given it a folder with other things in it, which stay.
 * `instance-id` is last: it tells which objects in Docker are this factory's. The lock goes with whoever holds it.
 */
const ENTRIES = [
  'routes',
  'clusters',
  'identity',
  'restoring',
  'logs',
  'control.sock',
  'ssh',
  'format',
  'instance-id',
] as const;

export async function dataFolderSteps(data: string): Promise<readonly RemovalStep[]> {
  const steps = await Promise.all(ENTRIES.map((entry) => pathStep(join(data, entry))));
  return steps.flatMap((step) => step ?? []);
}

/** The removal of a file or a folder with all in it; undefined where there is none. */
export async function pathStep(path: string): Promise<RemovalStep | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return {
    kind: found.isDirectory() ? 'folder' : 'file',
    name: path,
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
