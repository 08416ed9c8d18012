import type { RecordedEvent } from '../history/event-schema.ts';
import { recordedEventSchema } from '../history/event-schema.ts';

/*
 * Server-sent events (HTML standard, 9.2): a message has a line `id:`, which a reader that was cut off sends back as
 * `Last-Event-ID`, a line `data:`, and an empty line at its end. A line that begins with a colon is for keeping the connection.
 */

export const KEEP_ALIVE = ': keep-alive\n\n';

export function toMessage(event: RecordedEvent): string {
  const id = event.id === null ? '' : `id: ${event.id}\n`;
  return `${id}data: ${JSON.stringify(event)}\n\n`;
}

/** The events in an answer, as they come. Throws where a message holds none. */
export async function* readEventMessages(chunks: AsyncIterable<string>): AsyncGenerator<RecordedEvent> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data: ')) yield recordedEventSchema.parse(JSON.parse(line.slice('data: '.length)));
    }
  }
}
