import { join } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';
import type { EventQuery } from './event-query.ts';
import type { RecordedEvent } from './event-schema.ts';
import { EventStore } from './event-store.ts';
import { HISTORY_FILE, openHistoryForReading } from './history-database.ts';
import { toRecorded } from './published-event.ts';

/**
 * What the history in a data folder holds, oldest first; nothing where there is none. Needs no factory that runs. Throws
 * `HISTORY_UNREADABLE`.
 */
export function* readHistory(data: string, query: EventQuery): Generator<RecordedEvent> {
  let database: ReturnType<typeof openHistoryForReading>;
  try {
    database = openHistoryForReading(data);
    if (database === undefined) return;
    for (const kept of new EventStore(database).query(query)) yield toRecorded(kept);
  } catch (cause) {
    throw new FactoryError(
      'HISTORY_UNREADABLE',
      `The history ${join(data, HISTORY_FILE)} can not be read. Where it is damaged, the next start of the factory sets it aside and begins a new one; workspaces do not need it.`,
      { cause },
    );
  } finally {
    database?.close();
  }
}
