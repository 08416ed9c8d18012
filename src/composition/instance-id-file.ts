import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';
import { type InstanceId, parseInstanceId } from '../names/instance-id.ts';

/**
 * The instance id that the data folder keeps in `instance-id`. Where there is none it is made from the machine's name and the
 * folder's path: a data folder that was lost and made anew finds its workspaces again. Rejects with `CONFIG_INVALID`.
 */
export async function openInstanceId(data: string): Promise<InstanceId> {
  const path = join(data, 'instance-id');
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  const text =
    kept?.trim() ?? createHash('sha256').update(`${hostname()}\0${data}`).digest('hex').slice(0, 8);
  const id = parseInstanceId(text);
  if (id === undefined) {
    throw new FactoryError(
      'CONFIG_INVALID',
      `The file instance-id in the data folder holds no instance id (8 characters of a-z and 0-9); put the right one back.`,
    );
  }
  if (kept === undefined) await writeFile(path, `${id}\n`, { mode: 0o600 });
  return id;
}
