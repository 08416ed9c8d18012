import type { Migration } from '../../sqlite/migrate.ts';

export const HOOKS_MIGRATIONS: readonly Migration[] = [
  (database) => {
    database.exec(`
      -- A workspace that was initialized, or is being. Closed ones stay while a delivery needs what they were given.
      CREATE TABLE configurations (
        id TEXT PRIMARY KEY,
        user TEXT NOT NULL,
        lab TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'open', 'closed')),
        -- What the receiver gave, as JSON; null: nothing yet.
        answer TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX one_open_configuration ON configurations (user, lab) WHERE state <> 'closed';
      -- Each is deleted when it was delivered. The ids are never used again: their order is that of delivery.
      CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        user TEXT NOT NULL,
        lab TEXT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        hook TEXT NOT NULL,
        configuration TEXT REFERENCES configurations (id),
        body TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'given_up')),
        created_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        last_error TEXT
      ) STRICT;
      CREATE INDEX deliveries_by_workspace ON deliveries (state, user, lab, seq);
      CREATE INDEX deliveries_by_configuration ON deliveries (configuration);
      -- Sessions that are there: whoever finds them after a kill gives them their end.
      CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        user TEXT NOT NULL,
        lab TEXT NOT NULL,
        session TEXT NOT NULL,
        began_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sessions_by_workspace ON sessions (user, lab);
    `);
  },
];
