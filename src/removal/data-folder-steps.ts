import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RemovalStep } from './removal-step.ts';

/**
 * What a factory makes in its data folder; the operator may have given it a folder with other things in it, which stay.
 * `instance-id` is last: it tells which objects in Docker are this factory's. The lock goes with whoever holds it.
 */
const ENTRIES = [
  'routes',
  'pipes',
  'own-certificate',
  'own-acme',
  'clusters',
  'identity',
  'restoring',
  'logs',
  'control.sock',
  'ssh',
  'tokens',
  'format',
  'instance-id',
] as const;

/** The history and the hooks, what SQLite puts beside them, and damaged histories that were set aside. */
const DATABASES =
  /^(?:hooks\.sqlite(?:-wal|-shm)?|history\.sqlite(?:-wal|-shm|\.damaged-\d{8}T\d{6}\.\d{3}Z(?:-wal)?)?)$/;

export async function dataFolderSteps(data: string): Promise<readonly RemovalStep[]> {
  const names = await readdir(data).catch(() => []);
  const entries = [...names.filter((name) => DATABASES.test(name)).sort(), ...ENTRIES];
  const steps = await Promise.all(entries.map((entry) => pathStep(join(data, entry))));
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
