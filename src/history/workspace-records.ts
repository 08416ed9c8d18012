import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Pin, WorkspaceRecord, WorkspaceRecords } from '../workspaces/ports/records.ts';
import type { RareWarning } from './rare-warning.ts';

/** A change that could not be written yet; `record` undefined: it is to be forgotten. */
interface Unwritten {
  readonly key: WorkspaceKey;
  readonly record: WorkspaceRecord | undefined;
}

/** The records in the history's database. What can not be written, as on a full disk, is remembered and tried again. */
export class StoredRecords implements WorkspaceRecords {
  readonly #database: DatabaseSync;
  readonly #warning: RareWarning;
  readonly #unwritten = new Map<string, Unwritten>();

  constructor(database: DatabaseSync, warning: RareWarning) {
    this.#database = database;
    this.#warning = warning;
  }

  read(key: WorkspaceKey): WorkspaceRecord | undefined {
    const unwritten = this.#unwritten.get(formatWorkspaceKey(key));
    if (unwritten !== undefined) return unwritten.record;
    try {
      return this.#select(key);
    } catch (error) {
      this.#warning.warn(error, 'the records of workspaces can not be read');
      return undefined;
    }
  }

  write(key: WorkspaceKey, record: WorkspaceRecord): void {
    this.#unwritten.set(formatWorkspaceKey(key), { key, record });
    this.flush();
  }

  forget(key: WorkspaceKey): void {
    this.#unwritten.set(formatWorkspaceKey(key), { key, record: undefined });
    this.flush();
  }

  /** Tries again what could not be written. Never throws. */
  flush(): void {
    try {
      for (const [name, { key, record }] of this.#unwritten) {
        if (record === undefined) deleteRecord(this.#database, key);
        else this.#upsert(key, record);
        this.#unwritten.delete(name);
      }
    } catch (error) {
      this.#warning.warn(error, 'the records of workspaces can not be written; it is tried again');
    }
  }

  #select({ user, lab }: WorkspaceKey): WorkspaceRecord | undefined {
    const row = this.#database
      .prepare(
        'SELECT empty_since, pin_until, pin_by, deleted_at, deletion_announced FROM workspace_records WHERE user = ? AND lab = ?',
      )
      .get(user, lab);
    if (row === undefined) return undefined;
    return {
      emptySince: time(row.empty_since),
      pin: pinOf(row.pin_until, row.pin_by),
      deletedAt: time(row.deleted_at),
      deletionAnnounced: time(row.deletion_announced),
    };
  }

  #upsert({ user, lab }: WorkspaceKey, record: WorkspaceRecord): void {
    const { emptySince, pin, deletedAt, deletionAnnounced } = record;
    const values = [emptySince, pin?.until, pin?.by, deletedAt, deletionAnnounced].map(
      (value) => value ?? null,
    );
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO workspace_records (user, lab, empty_since, pin_until, pin_by, deleted_at, deletion_announced) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(user, lab, ...values);
  }
}

/** Throws what SQLite throws. */
export function deleteRecord(database: DatabaseSync, { user, lab }: WorkspaceKey): void {
  database.prepare('DELETE FROM workspace_records WHERE user = ? AND lab = ?').run(user, lab);
}

function pinOf(until: SQLOutputValue | undefined, by: SQLOutputValue | undefined): Pin | undefined {
  return typeof until === 'number' && typeof by === 'string' ? { until, by } : undefined;
}

function time(value: SQLOutputValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
