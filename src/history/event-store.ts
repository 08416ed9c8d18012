import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';
import type { SessionBegan } from './end-open-sessions.ts';
import type { EventQuery, EventSelection, KeptEvent } from './event-query.ts';
import { parseEvent, toPublished } from './published-event.ts';

/** The longest time that an event is kept; ms. */
export const KEPT_FOR = 90 * 86_400_000;
/** The most events that are kept. */
export const MOST_KEPT = 200_000;

/** Events that are read at once: everything else waits for it. */
const PAGE = 500;
/** Events that are thrown away at once. */
const PRUNED_AT_ONCE = 2_000;

export interface EventPage {
  /** Oldest first. */
  readonly events: readonly { readonly id: number; readonly event: WorkspaceEvent }[];
  /** The id of the last row that was read, whether it could be understood or not; undefined: there are no more. */
  readonly last: number | undefined;
}

/** Ids: after the one, up to and with the other. */
interface Range {
  readonly after: number;
  readonly upTo: number;
}

/** A condition in SQL, with what stands in the place of its question mark. */
type Condition = readonly [sql: string, value: SQLInputValue];

/** The events in the history's database. Methods throw what SQLite throws. */
export class EventStore {
  readonly #database: DatabaseSync;
  #insert: StatementSync | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Gives its id. It is in the file when this returns: a process that is killed loses none. */
  append(event: WorkspaceEvent): number {
    const { at, key, kind } = event;
    // Prepared when first needed: a database for reading alone has no use of it.
    this.#insert ??= this.#database.prepare(
      'INSERT INTO events (at, user, lab, kind, event) VALUES (?, ?, ?, ?, ?)',
    );
    const text = JSON.stringify(toPublished(event));
    return Number(this.#insert.run(at, key.user, key.lab, kind, text).lastInsertRowid);
  }

  /** The id that was given last, also when its event has been thrown away since. */
  lastId(): number {
    return this.#number("SELECT seq AS value FROM sqlite_sequence WHERE name = 'events'", []) ?? 0;
  }

  /** The next events that were kept after the one with this id: some hundred at most. */
  page(after: number): EventPage {
    return this.#page({}, { after, upTo: Number.MAX_SAFE_INTEGER });
  }

  /** What was kept until now, oldest first. Pages are read as they are asked for; what is thrown away meanwhile is left out. */
  *query(query: EventQuery): Generator<KeptEvent> {
    const upTo = this.lastId();
    let after = this.#beginning(query, upTo);
    for (;;) {
      const { events, last } = this.#page(query, { after, upTo });
      yield* events;
      if (last === undefined) return;
      after = last;
    }
  }

  /** Sessions of which a beginning was kept and no end, oldest first. */
  openSessions(): readonly SessionBegan[] {
    const rows = this.#database
      .prepare(
        `SELECT kind, event FROM events WHERE kind IN ('session_began', 'session_ended')
         GROUP BY json_extract(event, '$.session') HAVING count(*) = 1 ORDER BY id`,
      )
      .all();
    return rows.flatMap(({ kind, event: text }) => {
      const event = kind === 'session_began' ? parseEvent(String(text)) : undefined;
      return event?.kind === 'session_began' && event.session !== '' ? [event] : [];
    });
  }

  /** Throws away what is too old or too much, the oldest first, but not all at once; false: there is more to throw away. */
  prune(now: number): boolean {
    const tooOld = this.#database
      .prepare('DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ? ORDER BY at LIMIT ?)')
      .run(now - KEPT_FOR, PRUNED_AT_ONCE);
    const count = this.#number('SELECT count(*) AS value FROM events', []) ?? 0;
    const tooMany = Math.min(PRUNED_AT_ONCE, Math.max(0, count - MOST_KEPT));
    if (tooMany > 0) {
      this.#database
        .prepare('DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?)')
        .run(tooMany);
    }
    return tooOld.changes < PRUNED_AT_ONCE && tooMany < PRUNED_AT_ONCE;
  }

  /** The id after which the query's events begin. */
  #beginning({ after = 0, newest, ...selection }: EventQuery, upTo: number): number {
    if (newest === undefined) return Math.max(after, this.#beginningOf(selection.since));
    if (newest === 0) return upTo;
    const conditions = conditionsOf(selection, { after, upTo });
    // The first of them is the one before which no more than `newest` are left out.
    const first = this.#number(
      `SELECT id AS value FROM events WHERE ${sqlOf(conditions)} ORDER BY id DESC LIMIT 1 OFFSET ?`,
      [...valuesOf(conditions), newest - 1],
    );
    return first === undefined ? after : first - 1;
  }

  /** The id after which all events of that time and later come: by the index of times, not by a look at all before them. */
  #beginningOf(since: number | undefined): number {
    if (since === undefined) return 0;
    const first = this.#number('SELECT min(id) AS value FROM events WHERE at >= ?', [since]);
    return first === undefined ? this.lastId() : first - 1;
  }

  #page(selection: EventSelection, range: Range): EventPage {
    const conditions = conditionsOf(selection, range);
    const rows = this.#database
      .prepare(`SELECT id, event FROM events WHERE ${sqlOf(conditions)} ORDER BY id LIMIT ?`)
      .all(...valuesOf(conditions), PAGE);
    const events = rows.flatMap(({ id, event: text }) => {
      const event = parseEvent(String(text));
      return event === undefined ? [] : [{ id: Number(id), event }];
    });
    const last = rows.at(-1)?.id;
    return { events, last: last === undefined ? undefined : Number(last) };
  }

  #number(sql: string, values: readonly SQLInputValue[]): number | undefined {
    const value = this.#database.prepare(sql).get(...values)?.value;
    return typeof value === 'number' ? value : undefined;
  }
}

function conditionsOf(
  { user, lab, kind, since, until }: EventSelection,
  { after, upTo }: Range,
): readonly Condition[] {
  const conditions: Condition[] = [
    ['id > ?', after],
    ['id <= ?', upTo],
  ];
  if (user !== undefined) conditions.push(['user = ?', user]);
  if (lab !== undefined) conditions.push(['lab = ?', lab]);
  if (kind !== undefined) conditions.push(['kind = ?', kind]);
  if (since !== undefined) conditions.push(['at >= ?', since]);
  if (until !== undefined) conditions.push(['at < ?', until]);
  return conditions;
}

function sqlOf(conditions: readonly Condition[]): string {
  return conditions.map(([sql]) => sql).join(' AND ');
}

function valuesOf(conditions: readonly Condition[]): SQLInputValue[] {
  return conditions.map(([, value]) => value);
}
