import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { HOOK_NAMES, type HookName } from '../../labs/lab-definition.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';

/** A hook that waits, or was given up. Times in ms since the epoch. */
export interface Delivery {
  /** The order of a workspace's deliveries. */
  readonly seq: number;
  readonly key: WorkspaceKey;
  /** `msg_…`, by which the receiver knows it again. */
  readonly id: string;
  readonly hook: HookName;
  /** The id of the configuration that was open when it was written. */
  readonly configuration: string | undefined;
  /** JSON; the same bytes at every try. */
  readonly body: string;
  readonly state: 'waiting' | 'given_up';
  readonly createdAt: number;
  /** Tries that failed. */
  readonly attempts: number;
  readonly nextAt: number;
  readonly lastError: string | undefined;
}

export interface NewDelivery extends Pick<Delivery, 'key' | 'id' | 'hook' | 'configuration' | 'body'> {
  readonly at: number;
}

export interface OutboxCounts {
  readonly waiting: number;
  readonly givenUp: number;
}

const COLUMNS =
  'seq, user, lab, id, hook, configuration, body, state, created_at, attempts, next_at, last_error';

/** The deliveries in the file. Methods throw what SQLite throws; none begins a transaction. */
export class Outbox {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  append({ key, id, hook, configuration, body, at }: NewDelivery): void {
    this.#database
      .prepare(
        "INSERT INTO deliveries (user, lab, id, hook, configuration, body, state, created_at, attempts, next_at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, 0, ?)",
      )
      .run(key.user, key.lab, id, hook, configuration ?? null, body, at, at);
  }

  /** What is next in this workspace. */
  head({ user, lab }: WorkspaceKey): Delivery | undefined {
    const row = this.#database
      .prepare(
        `SELECT ${COLUMNS} FROM deliveries WHERE state = 'waiting' AND user = ? AND lab = ? ORDER BY seq LIMIT 1`,
      )
      .get(user, lab);
    return row === undefined ? undefined : deliveryOf(row);
  }

  /** Undefined: it was delivered, dropped, or there never was one. */
  find(id: string): Delivery | undefined {
    const row = this.#database.prepare(`SELECT ${COLUMNS} FROM deliveries WHERE id = ?`).get(id);
    return row === undefined ? undefined : deliveryOf(row);
  }

  /** Workspaces for which something waits. */
  workspaces(): readonly WorkspaceKey[] {
    const rows = this.#database
      .prepare("SELECT DISTINCT user, lab FROM deliveries WHERE state = 'waiting'")
      .all();
    return rows.flatMap(({ user, lab }) => parseWorkspaceKey(String(user), String(lab)) ?? []);
  }

  /** Oldest first; `most` of them. */
  list(most: number): readonly Delivery[] {
    const rows = this.#database.prepare(`SELECT ${COLUMNS} FROM deliveries ORDER BY seq LIMIT ?`).all(most);
    return rows.flatMap((row) => deliveryOf(row) ?? []);
  }

  counts(): OutboxCounts {
    const row = this.#database
      .prepare(
        "SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'given_up') AS given_up FROM deliveries",
      )
      .get();
    return { waiting: Number(row?.waiting ?? 0), givenUp: Number(row?.given_up ?? 0) };
  }

  postpone(id: string, nextAt: number, reason: string): void {
    this.#database
      .prepare('UPDATE deliveries SET attempts = attempts + 1, next_at = ?, last_error = ? WHERE id = ?')
      .run(nextAt, reason, id);
  }

  giveUp(id: string, reason: string): void {
    this.#database
      .prepare(
        "UPDATE deliveries SET state = 'given_up', attempts = attempts + 1, last_error = ? WHERE id = ?",
      )
      .run(reason, id);
  }

  /** It waits again, as if it were new but in its old place. */
  revive(id: string, at: number): void {
    this.#database
      .prepare(
        "UPDATE deliveries SET state = 'waiting', attempts = 0, created_at = ?, next_at = ? WHERE id = ? AND state = 'given_up'",
      )
      .run(at, at, id);
  }

  /** What is next in this workspace is tried now. */
  hurry({ user, lab }: WorkspaceKey, at: number): void {
    this.#database
      .prepare(
        "UPDATE deliveries SET next_at = ? WHERE next_at > ? AND seq = (SELECT min(seq) FROM deliveries WHERE state = 'waiting' AND user = ? AND lab = ?)",
      )
      .run(at, at, user, lab);
  }

  remove(id: string): void {
    this.#database.prepare('DELETE FROM deliveries WHERE id = ?').run(id);
  }

  /** The cleanup of a configuration that is not to have one after all. */
  removeCleanup(configuration: string): void {
    this.#database
      .prepare("DELETE FROM deliveries WHERE configuration = ? AND hook = 'cleanup' AND state = 'waiting'")
      .run(configuration);
  }

  /** Forgets what was given up before that time. */
  prune(before: number): void {
    this.#database.prepare("DELETE FROM deliveries WHERE state = 'given_up' AND created_at < ?").run(before);
  }
}

/** Undefined for names that a newer factory may have written. */
function deliveryOf(row: Record<string, SQLOutputValue>): Delivery | undefined {
  const key = parseWorkspaceKey(String(row.user), String(row.lab));
  const hook = HOOK_NAMES.find((name) => name === row.hook);
  if (key === undefined || hook === undefined) return undefined;
  return {
    seq: Number(row.seq),
    key,
    id: String(row.id),
    hook,
    configuration: row.configuration === null ? undefined : String(row.configuration),
    body: String(row.body),
    state: row.state === 'given_up' ? 'given_up' : 'waiting',
    createdAt: Number(row.created_at),
    attempts: Number(row.attempts),
    nextAt: Number(row.next_at),
    lastError: row.last_error === null ? undefined : String(row.last_error),
  };
}
