import { readdir, rm } from 'node:fs/promises';
import { LOCK_FILE, lockDataFolder } from './data-lock.ts';
import { FORMAT_FILE, migrateDataFolder } from './format.ts';

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

/** Removes a (locked) data folder that holds nothing but what opening it has made. One that can not be read stays. */
export async function removeUnusedDataFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return;
  const isUsed = names.some((name) => name !== LOCK_FILE && name !== FORMAT_FILE);
  if (!isUsed) await rm(folder, { recursive: true, force: true });
}
