import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { parseJson } from '../../json/parse-json.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { HookSession } from '../../workspaces/ports/hooks.ts';

export interface OpenSession {
  readonly key: WorkspaceKey;
  readonly session: HookSession;
}

const sessionSchema = z.object({
  id: z.string(),
  clientAddress: z.string(),
  clientProgram: z.string(),
  since: z.number(),
});

/** The sessions that are there, in the file. Methods throw what SQLite throws; none begins a transaction. */
export class SessionRows {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  add({ user, lab }: WorkspaceKey, session: HookSession): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO sessions (id, user, lab, session, began_at) VALUES (?, ?, ?, ?, ?)')
      .run(session.id, user, lab, JSON.stringify(session), session.since);
  }

  has(id: string): boolean {
    return this.#database.prepare('SELECT 1 FROM sessions WHERE id = ?').get(id) !== undefined;
  }

  remove(id: string): void {
    this.#database.prepare('DELETE FROM sessions WHERE id = ?').run(id);
  }

  /** In the order in which they began. */
  all(): readonly OpenSession[] {
    const rows = this.#database
      .prepare('SELECT user, lab, session FROM sessions ORDER BY began_at, id')
      .all();
    return rows.flatMap(({ user, lab, session }) => {
      const key = parseWorkspaceKey(String(user), String(lab));
      const parsed = sessionSchema.safeParse(parseJson(String(session)));
      return key === undefined || !parsed.success ? [] : [{ key, session: parsed.data }];
    });
  }
}
