import { lockDataFolder } from './data-lock.ts';
import { migrateDataFolder } from './format.ts';

/**
 * The data folder, made where it is missing, locked until the handle is disposed, and brought to the current format. Rejects as
 * `lockDataFolder` and `migrateDataFolder` do.
 */
export async function openDataFolder(folder: string): Promise<Disposable> {
  const lock = await lockDataFolder(folder);
  try {
    await migrateDataFolder(folder);
    return lock;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}
