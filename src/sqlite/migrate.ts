import type { DatabaseSync } from 'node:sqlite';

/** Brings the tables to the next version. `now`: ms since the epoch. */
export type Migration = (database: DatabaseSync, now: number) => void;

/**
 * The first migration leads from an empty file to version 1, and so on; SQLite's `user_version` holds how many have been done. Each is
 * done whole or not at all. Throws what SQLite throws, and for a file of a newer version.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[], now: number): void {
  const found = database.prepare('PRAGMA user_version').get()?.user_version;
  const version = Number(found);
  if (version > migrations.length) {
    throw new Error(`the file has version ${version}, this factory knows ${migrations.length}`);
  }
  for (const [index, step] of migrations.slice(version).entries()) {
    inTransaction(database, () => {
      step(database, now);
      database.exec(`PRAGMA user_version = ${version + index + 1}`);
    });
  }
}

/** Gives what `work` gives; what it wrote is in the file then. Where it throws nothing of it is. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has rolled it back by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
