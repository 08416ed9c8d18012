import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { Events } from '../workspaces/ports/events.ts';
import type { WorkspaceRecords } from '../workspaces/ports/records.ts';
import { checkpointBeside } from './checkpoint.ts';
import { endOpenSessions } from './end-open-sessions.ts';
import type { EventQuery } from './event-query.ts';
import type { RecordedEvent } from './event-schema.ts';
import { EventStore } from './event-store.ts';
import { EventStream } from './event-stream.ts';
import { followEvents } from './follow-events.ts';
import { openHistoryDatabase } from './history-database.ts';
import { toRecorded } from './published-event.ts';
import { RareWarning } from './rare-warning.ts';
import { startUpkeep } from './upkeep.ts';
import { WorkspaceEvents } from './workspace-events.ts';
import { StoredRecords } from './workspace-records.ts';

/** The door of this room for a factory that runs. */
export interface History {
  readonly events: Events;
  readonly records: WorkspaceRecords;
  /** For parts of the factory that want to hear of everything, also of what came before they began to listen. */
  readonly stream: EventStream;
  /** What was kept, oldest first, and with `follow` all that comes, until `signal` aborts. */
  read(query: EventQuery & { readonly follow: boolean }, signal: AbortSignal): AsyncIterable<RecordedEvent>;
  /** Whoever follows is at the end then. */
  close(): Promise<void>;
}

export interface HistoryOptions {
  /** The data folder, locked. */
  readonly data: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Never throws: where no history can be kept, the log says so. */
export function openHistory(options: HistoryOptions): History {
  const { clock, logger } = options;
  const database = openHistoryDatabase(options);
  const store = new EventStore(database);
  const stream = new EventStream({ store });
  const warning = new RareWarning(options);
  const records = new StoredRecords(database, warning);
  const events = new WorkspaceEvents({ store, stream, logger, warning });
  endSessionsOfBefore(store, events, clock, warning);
  const path = database.location();
  const checkpoint = () => (path === null ? Promise.resolve() : checkpointBeside(path));
  const upkeep = startUpkeep({ store, records, checkpoint, clock, warning });
  return {
    events,
    records,
    stream,
    async *read({ follow, ...query }, signal) {
      const found = follow ? followEvents({ store, stream }, query, signal) : store.query(query);
      for await (const kept of found) yield toRecorded(kept);
    },
    async close() {
      stream.close();
      await upkeep[Symbol.asyncDispose]();
      records.flush();
      database.close();
    },
  };
}

function endSessionsOfBefore(store: EventStore, events: Events, clock: Clock, warning: RareWarning): void {
  try {
    endOpenSessions(store.openSessions(), events, clock.now());
  } catch (error) {
    warning.warn(error, 'the sessions of a factory that was killed can not be read');
  }
}
