import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { unlessMissing } from '../data-folder/unless-missing.ts';
import { writeDurably } from '../data-folder/write-durably.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { type InstanceId, parseInstanceId } from '../names/instance-id.ts';

const FILE = 'instance-id';

/**
 * The instance id that the data folder keeps; undefined where no factory has used the folder yet. Rejects with `CONFIG_INVALID` for
 * one that is none, and as the file system does where it can not be read.
 */
export async function readInstanceId(data: string): Promise<InstanceId | undefined> {
  const kept = await unlessMissing(readFile(join(data, FILE), 'utf8'), undefined);
  if (kept === undefined) return undefined;
  const id = parseInstanceId(kept.trim());
  if (id !== undefined) return id;
  throw new FactoryError(
    'CONFIG_INVALID',
    'The file instance-id in the data folder holds no instance id (8 characters of a-z and 0-9); put the right one back.',
  );
}

/**
 * The instance id of the data folder, without writing it. Where none is kept it is made from the machine's name and the
 * folder's path: a data folder that was lost and made anew finds its workspaces again. Rejects as `readInstanceId` does.
 */
export async function expectedInstanceId(data: string): Promise<InstanceId> {
  return (await readInstanceId(data)) ?? firstInstanceId(data);
}

/** As `expectedInstanceId`, for who only looks: a file that can not be read is taken for none. Rejects with `CONFIG_INVALID`. */
export async function likelyInstanceId(data: string): Promise<InstanceId> {
  try {
    return await expectedInstanceId(data);
  } catch (error) {
    if (error instanceof FactoryError) throw error;
    return firstInstanceId(data);
  }
}

/** What a factory takes that keeps none. */
function firstInstanceId(data: string): InstanceId {
  const digest = createHash('sha256').update(`${hostname()}\0${data}`).digest('hex').slice(0, 8);
  const id = parseInstanceId(digest);
  if (id === undefined) throw new Error('eight hexadecimal digits are an instance id');
  return id;
}

/** As `expectedInstanceId`, and the file `instance-id` in the folder keeps it from then on. */
export async function openInstanceId(data: string): Promise<InstanceId> {
  const id = await expectedInstanceId(data);
  await keepInstanceId(data, id);
  return id;
}

/** Makes `id` the instance of the (locked) data folder where it has none yet. */
export async function keepInstanceId(data: string, id: InstanceId): Promise<void> {
  if ((await readInstanceId(data)) === undefined) await writeDurably(join(data, FILE), `${id}\n`);
}
