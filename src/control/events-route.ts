import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Logger } from '../logging/logger.ts';
import type { ControlTarget } from './control-target.ts';
import { KEEP_ALIVE, toMessage } from './event-messages.ts';
import { type EventsRequest, eventsQuerySchema } from './events-request.ts';
import { withKeepAlive } from './keep-alive.ts';

/** How often a reader to whom nothing is told is told that we are still there; ms. */
const KEEP_ALIVE_EVERY = 15_000;

/**
 * `GET /events?workspace=alice/k3s&kind=…&since=…&until=…&after=…&limit=…&follow=true`, as server-sent events. With `follow` it
 * does not end. A reader that was cut off goes on with `Last-Event-ID`.
 */
export function addEventsRoute(
  app: FastifyInstance,
  target: Pick<ControlTarget, 'events'>,
  logger: Logger,
): void {
  app.get('/events', (request, reply) => {
    const query = eventsQuerySchema.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ message: z.prettifyError(query.error) });
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const seen = request.headers['last-event-id'];
    const asked = isId(seen) ? { ...query.data, after: Number(seen) } : query.data;
    const messages = withKeepAlive(answer(target, asked, logger, gone.signal), KEEP_ALIVE, KEEP_ALIVE_EVERY);
    return reply
      .header('content-type', 'text/event-stream')
      .header('cache-control', 'no-store')
      .send(Readable.from(messages));
  });
}

async function* answer(
  target: Pick<ControlTarget, 'events'>,
  request: EventsRequest,
  logger: Logger,
  signal: AbortSignal,
): AsyncGenerator<string> {
  // The head of the answer goes out with it, so that a reader knows that it is heard.
  yield KEEP_ALIVE;
  try {
    for await (const event of target.events(request, signal)) yield toMessage(event);
  } catch (error) {
    logger.error({ err: error }, 'events can not be told any more');
    // Cuts the answer off: its end would say that this was all.
    throw error;
  }
}

function isId(text: string | string[] | undefined): text is string {
  return typeof text === 'string' && /^\d{1,15}$/.test(text);
}
