import { type EventQuery, isSelected, type KeptEvent } from './event-query.ts';
import type { EventStore } from './event-store.ts';
import type { EventStream } from './event-stream.ts';

/** What was kept, and then all that comes, until `signal` aborts or the stream is closed. Throws what SQLite throws. */
export async function* followEvents(
  { store, stream }: { readonly store: EventStore; readonly stream: EventStream },
  query: EventQuery,
  signal: AbortSignal,
): AsyncGenerator<KeptEvent> {
  // Events that come while the others are told are after this one.
  const last = store.lastId();
  for (const kept of store.query(query)) {
    if (signal.aborted) return;
    yield kept;
  }
  for await (const kept of stream.subscribe(Math.max(last, query.after ?? 0), signal)) {
    if (isSelected(query, kept.event)) yield kept;
  }
}
