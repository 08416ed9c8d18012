import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { lastEventId, toEventMessage } from '../history/event-messages.ts';
import { sendMessages } from '../http/server-sent-events.ts';
import type { Logger } from '../logging/logger.ts';
import type { ControlTarget } from './control-target.ts';
import { type EventsRequest, eventsQuerySchema } from './events-request.ts';

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
    const seen = lastEventId(request.headers['last-event-id']);
    const asked = seen === undefined ? query.data : { ...query.data, after: seen };
    return sendMessages(reply, answer(target, asked, logger, gone.signal));
  });
}

async function* answer(
  target: Pick<ControlTarget, 'events'>,
  request: EventsRequest,
  logger: Logger,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    for await (const event of target.events(request, signal)) yield toEventMessage(event);
  } catch (error) {
    logger.error({ err: error }, 'events can not be told any more');
    // Cuts the answer off: its end would say that this was all.
    throw error;
  }
}
