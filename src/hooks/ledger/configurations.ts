import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { stripVTControlCharacters } from 'node:util';
import { parseJson } from '../../json/parse-json.ts';
import { type Given, NOTHING_GIVEN } from '../../labs/lab-definition.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { Configuration } from '../../workspaces/ports/hooks.ts';
import { NO_ANSWER } from '../delivery/verdict.ts';
import { answerSchema, type HookAnswer } from '../messages/answer-schema.ts';

/** `pending`: `initialization` has not answered yet. */
export interface StoredConfiguration {
  readonly id: string;
  readonly state: 'pending' | 'open' | 'closed';
  /** ms since the epoch. */
  readonly openedAt: number;
}

/** The configurations in the file. Methods throw what SQLite throws; none begins a transaction. */
export class Configurations {
  readonly #database: DatabaseSync;
  #selectCurrent: StatementSync | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The one that is pending or open. */
  current({ user, lab }: WorkspaceKey): StoredConfiguration | undefined {
    // Asked whenever somebody asks what the lab of a workspace is.
    this.#selectCurrent ??= this.#database.prepare(
      "SELECT id, state, opened_at FROM configurations WHERE user = ? AND lab = ? AND state <> 'closed'",
    );
    const row = this.#selectCurrent.get(user, lab);
    return row === undefined ? undefined : storedOf(row);
  }

  /** Workspaces that have one which is pending or open. */
  workspaces(): readonly WorkspaceKey[] {
    const rows = this.#database.prepare("SELECT user, lab FROM configurations WHERE state <> 'closed'").all();
    return rows.flatMap(({ user, lab }) => parseWorkspaceKey(String(user), String(lab)) ?? []);
  }

  find(id: string): StoredConfiguration | undefined {
    const row = this.#database
      .prepare('SELECT id, state, opened_at FROM configurations WHERE id = ?')
      .get(id);
    return row === undefined ? undefined : storedOf(row);
  }

  /** Up to 2 MiB, so not a part of what is asked for often. Undefined: there is none, or it is not understood. */
  answer(id: string): HookAnswer | undefined {
    const text = this.#database.prepare('SELECT answer FROM configurations WHERE id = ?').get(id)?.answer;
    return typeof text === 'string' ? answerSchema.safeParse(parseJson(text)).data : undefined;
  }

  /** What templates are rendered with for a delivery of this configuration. */
  given(id: string | undefined): Given {
    const answer = id === undefined ? undefined : this.answer(id);
    return answer === undefined ? NOTHING_GIVEN : { values: answer.values };
  }

  /** Throws where one is pending or open. */
  insert(id: string, { user, lab }: WorkspaceKey, at: number): void {
    this.#database
      .prepare("INSERT INTO configurations (id, user, lab, opened_at, state) VALUES (?, ?, ?, ?, 'pending')")
      .run(id, user, lab, at);
  }

  /** One that was closed meanwhile stays closed; what it was given is kept for the cleanup that waits. */
  answered(id: string, answer: HookAnswer): void {
    this.#database
      .prepare(
        "UPDATE configurations SET answer = ?, state = iif(state = 'pending', 'open', state) WHERE id = ?",
      )
      .run(JSON.stringify(answer), id);
  }

  /** False: it was closed before, or there is none. */
  close(id: string): boolean {
    const { changes } = this.#database
      .prepare("UPDATE configurations SET state = 'closed' WHERE id = ? AND state <> 'closed'")
      .run(id);
    return changes > 0;
  }

  /** Forgets those that are closed and of use to no delivery any more. */
  prune(): void {
    this.#database.exec(
      "DELETE FROM configurations WHERE state = 'closed' AND NOT EXISTS (SELECT 1 FROM deliveries WHERE configuration = configurations.id)",
    );
  }
}

/** What a student's workspace gets of an answer. */
export function toConfiguration(id: string, answer: HookAnswer = NO_ANSWER): Configuration {
  return {
    id,
    env: answer.environment,
    values: answer.values,
    files: answer.files.map(({ path, content, mode, owner }) => ({
      path,
      content: Buffer.from(content, 'base64'),
      mode: Number.parseInt(mode, 8),
      owner,
    })),
    message: printable(answer.message),
  };
}

/** Lines of text: nothing that a terminal obeys, and nothing that turns its direction. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/(?!\n)[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '');
}

function storedOf(row: Record<string, SQLOutputValue>): StoredConfiguration {
  return {
    id: String(row.id),
    state: row.state === 'open' || row.state === 'closed' ? row.state : 'pending',
    openedAt: Number(row.opened_at),
  };
}
