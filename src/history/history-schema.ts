import type { Migration } from '../sqlite/migrate.ts';

export const HISTORY_MIGRATIONS: readonly Migration[] = [
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
