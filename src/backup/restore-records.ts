import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessMissing } from '../data-folder/unless-missing.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { formatWorkspaceKey, parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { backupName } from './backup-folder.ts';

/** The folder in the data folder. */
const RESTORING = 'restoring';

/**
 * The restores under way, an empty file each. One that stayed behind tells of a restore that was cut off, as nothing in
 * Docker would: a home that is half there looks like any other. All reject where it can not be read what there is.
 */
export interface RestoreRecords {
  add(key: WorkspaceKey): Promise<void>;
  remove(key: WorkspaceKey): Promise<void>;
  has(key: WorkspaceKey): Promise<boolean>;
  list(): Promise<readonly WorkspaceKey[]>;
}

export function createRestoreRecords(data: string): RestoreRecords {
  const folder = join(data, RESTORING);
  const path = (key: WorkspaceKey) => join(folder, backupName(key));
  const list = async () => {
    const names = await unlessMissing(readdir(folder), []);
    return names.flatMap((name) => keyOf(name) ?? []);
  };
  return {
    async add(key) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(path(key), '', { mode: 0o600, flush: true });
    },
    remove: (key) => rm(path(key), { force: true }),
    has: async (key) => (await list()).some((one) => formatWorkspaceKey(one) === formatWorkspaceKey(key)),
    list,
  };
}

/** For a factory that starts. Rejects with `RESTORE_UNFINISHED`. */
export async function assertNoUnfinishedRestore(data: string): Promise<void> {
  const [key] = await createRestoreRecords(data).list();
  if (key === undefined) return;
  const name = formatWorkspaceKey(key);
  throw new FactoryError(
    'RESTORE_UNFINISHED',
    `A restore of ${name} was cut off; give the same factory restore again, or remove what is there with factory purge --workspace ${name} --with-home.`,
  );
}

function keyOf(name: string): WorkspaceKey | undefined {
  const [user = '', lab = '', ...rest] = name.split('.');
  return rest.length > 0 ? undefined : parseWorkspaceKey(user, lab);
}
