import { readMessages, toMessage } from '../http/server-sent-events.ts';
import { type RecordedEvent, recordedEventSchema } from './event-schema.ts';

/** An event of the history as a server-sent event. */
export function toEventMessage(event: RecordedEvent): string {
  return toMessage({ id: event.id === null ? undefined : String(event.id), data: event });
}

/** The events in an answer, as they come. Throws where a message holds none. */
export async function* readEventMessages(chunks: AsyncIterable<string>): AsyncGenerator<RecordedEvent> {
  for await (const { data } of readMessages(chunks)) yield recordedEventSchema.parse(data);
}

/** Where a reader that was cut off goes on (`Last-Event-ID`); undefined: it was none, or names none. */
export function lastEventId(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
