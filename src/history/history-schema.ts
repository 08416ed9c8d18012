import type { DatabaseSync } from 'node:sqlite';

/** Brings the tables to the next version. `now`: ms since the epoch. */
type Migration = (database: DatabaseSync, now: number) => void;

/** The first leads from an empty file to version 1, and so on; SQLite's `user_version` holds how many have been done. */
const MIGRATIONS: readonly Migration[] = [
  (database, now) => {
    database.exec(`
      CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        user TEXT NOT NULL,
        lab TEXT NOT NULL,
        kind TEXT NOT NULL,
        event TEXT NOT NULL
      ) STRICT;
      CREATE INDEX events_by_time ON events (at);
      CREATE INDEX events_by_workspace ON events (user, lab);
      CREATE TABLE workspace_records (
        user TEXT NOT NULL,
        lab TEXT NOT NULL,
        empty_since INTEGER,
        pin_until INTEGER,
        pin_by TEXT,
        deleted_at INTEGER,
        deletion_announced INTEGER,
        PRIMARY KEY (user, lab)
      ) STRICT, WITHOUT ROWID;
    `);
    // Whoever read a history that was lost since, and goes on after the last id of it, misses nothing of this one.
    database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)").run(now);
  },
];

/** Each migration is done whole or not at all. Throws what SQLite throws, and for a file of a newer version. */
export function migrateHistory(database: DatabaseSync, now: number): void {
  const found = database.prepare('PRAGMA user_version').get()?.user_version;
  const version = Number(found);
  if (version > MIGRATIONS.length) {
    throw new Error(`the history has version ${version}, this factory knows ${MIGRATIONS.length}`);
  }
  for (const [index, migrate] of MIGRATIONS.slice(version).entries()) {
    database.exec('BEGIN IMMEDIATE');
    try {
      migrate(database, now);
      database.exec(`PRAGMA user_version = ${version + index + 1}; COMMIT`);
    } catch (error) {
      // A full disk has rolled it back by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
