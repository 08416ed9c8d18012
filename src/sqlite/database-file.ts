import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import type { DatabaseSync, DatabaseSyncOptions } from 'node:sqlite';
import { type Migration, migrate } from './migrate.ts';

/** How long another program that holds the file is waited for; ms. */
const BUSY_LIMIT = 2_000;

export interface DatabaseFileOptions {
  readonly path: string;
  readonly migrations: readonly Migration[];
  /**
   * `NORMAL`: a kill loses nothing; a power cut what the system had not brought to the disk yet, of the last half minute. `FULL`: what
   * was written is on the disk when the call returns, at the price of waiting for it.
   */
  readonly synchronous: 'NORMAL' | 'FULL';
  /** ms since the epoch. */
  readonly now: number;
}

/** Opens a database of this user alone, with its tables, made where there is none. Throws what SQLite and the file system throw. */
export function openDatabaseFile({ path, migrations, synchronous, now }: DatabaseFileOptions): DatabaseSync {
  // SQLite would make it readable for all; the files that it puts beside it get its mode.
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  chmodSync(path, 0o600);
  const database = openDatabase(path, { timeout: BUSY_LIMIT });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
    const { quick_check: found } = database.prepare('PRAGMA quick_check(1)').get() ?? {};
    if (found !== 'ok') throw new Error(`quick_check: ${found}`);
    migrate(database, migrations, now);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** As it is, beside whoever writes it or without one; undefined where there is none. Throws what SQLite throws. */
export function openExistingFile(
  path: string,
  options: Pick<DatabaseSyncOptions, 'readOnly'>,
): DatabaseSync | undefined {
  return existsSync(path) ? openDatabase(path, { ...options, timeout: BUSY_LIMIT }) : undefined;
}

/** Loaded here and not with this file: Node 22 warns of it, which is no business of commands that need no database. */
export function openDatabase(path: string, options: DatabaseSyncOptions): DatabaseSync {
  const sqlite = process.getBuiltinModule('node:sqlite');
  return new sqlite.DatabaseSync(path, options);
}
