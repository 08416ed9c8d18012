import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync, DatabaseSyncOptions } from 'node:sqlite';
import { FactoryError } from '../errors/factory-error.ts';
import { dataFolderFailure } from './data-folder-failure.ts';
import { makeFolder } from './make-folder.ts';

export const LOCK_FILE = 'lock';

/** sqlite3.h, SQLITE_BUSY: somebody else holds the lock. */
const SQLITE_BUSY = 5;

/** Who only looks whether it is locked has it for a moment; ms. */
const LOOKERS_LEAVE = 250;

/**
 * Makes the data folder this program's own until the handle is disposed, or dropped, so keep it. The lock is SQLite's on a file
 * without content: unlike a file with a process id it ends with its process, however that ends, and unlike a socket nobody has
 * to clear it away, which two that start together cannot do safely (decision 0007). Rejects with `ALREADY_RUNNING`, and as
 * `dataFolderFailure` says where the folder can not be made or written.
 */
export async function lockDataFolder(folder: string): Promise<Disposable> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw dataFolderFailure('The data folder can not be made', cause);
  });
  try {
    const database = open(join(folder, LOCK_FILE), { timeout: LOOKERS_LEAVE });
    return hold(database);
  } catch (cause) {
    if (cause instanceof FactoryError) throw cause;
    throw dataFolderFailure('The data folder can not be written', await refusalBehind(folder, cause));
  }
}

/** Whether somebody has the data folder for their own at this moment. */
export function isDataFolderLocked(folder: string): boolean {
  const path = join(folder, LOCK_FILE);
  if (!existsSync(path)) return false;
  const database = open(path, { readOnly: true });
  try {
    // Takes a shared lock for a moment.
    database.exec('SELECT count(*) FROM sqlite_master');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
}

export function alreadyRunning(): FactoryError {
  return new FactoryError(
    'ALREADY_RUNNING',
    'Another factory uses this data folder; stop that one first, or give this one a "data" folder of its own.',
  );
}

/**
 * SQLite does not say why it can't open a file. To open it ourselves and see would, as it is closed again, let go of a lock that
 * this process has on it.
 */
async function refusalBehind(folder: string, cause: unknown): Promise<unknown> {
  const file = join(folder, LOCK_FILE);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    if (existsSync(file)) await access(file, constants.R_OK | constants.W_OK);
    return cause;
  } catch (refusal) {
    return refusal;
  }
}

/** Loaded here and not with this file: Node 22 warns of it, which is no business of commands that lock nothing. */
function open(path: string, options: DatabaseSyncOptions): DatabaseSync {
  const sqlite = process.getBuiltinModule('node:sqlite');
  return new sqlite.DatabaseSync(path, options);
}

function hold(database: DatabaseSync): Disposable {
  try {
    // Nothing is ever written, so there is nothing to keep in a journal beside it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw isBusy(error) ? alreadyRunning() : error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
