import { z } from 'zod';
import { lastEventId, toEventMessage } from '../../history/event-messages.ts';
import type { EventQuery } from '../../history/event-query.ts';
import { EVENT_KINDS } from '../../history/event-schema.ts';
import { queryNumber, queryTime } from '../../http/query-values.ts';
import { EVENT_STREAM_TYPE, sendMessages } from '../../http/server-sent-events.ts';
import { type ApiApp, type ApiContext, type Caller, callerOf, keyOf } from '../api-context.ts';
import { whenGone } from '../when-gone.ts';
import { clusterPath, PROBLEM } from './answers.ts';

/** As many of what has happened already where the caller does not say, and at most. */
const PAST = { usual: 100, most: 10_000 } as const;

/** The longest that a caller is told of events in one answer, whatever the token says; ms. */
const LONGEST_ANSWER = 24 * 3_600_000;

const query = z.strictObject({
  kind: z.enum(EVENT_KINDS).optional(),
  since: queryTime.optional(),
  until: queryTime.optional(),
  after: queryNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'Only events that were kept after the one with this id.' }),
  limit: queryNumber(1, PAST.most)
    .optional()
    .meta({
      description: `Of what has happened already only so many, the last ones; ${PAST.usual} where it does not say.`,
    }),
  follow: z.enum(['true', 'false']).optional(),
});

/** What happened to the workspace. With `follow` it ends with the token, or what the token stands for: a student's session. */
export function addEventsRoute(app: ApiApp, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/clusters/:user/:lab/events',
    config: { endpoint: 'events' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'events',
      summary: 'What happened to the workspace, oldest first; with `follow` all that comes as well.',
      description:
        'Server-sent events; the data of each is a RecordedEvent. A reader that was cut off goes on with `Last-Event-ID`.',
      params: clusterPath,
      querystring: query,
      response: {
        200: { description: 'Events.', content: { [EVENT_STREAM_TYPE]: { schema: z.string() } } },
        ...PROBLEM,
      },
    },
    handler: async (request, reply) => {
      const { limit, follow, ...rest } = request.query;
      const seen = lastEventId(request.headers['last-event-id']);
      const asked: EventQuery = {
        ...keyOf(request),
        ...rest,
        newest: limit ?? PAST.usual,
        ...(seen === undefined ? {} : { after: seen }),
      };
      const caller = callerOf(request);
      const left = Math.min(caller.expiresAt - context.clock.now(), LONGEST_ANSWER);
      const end = AbortSignal.any([whenGone(reply), AbortSignal.timeout(Math.max(left, 0))]);
      sendMessages(reply, told({ ...asked, follow: follow === 'true' }, caller, context, end));
      return reply;
    },
  });
}

async function* told(
  asked: EventQuery & { readonly follow: boolean },
  { mayGoOn }: Caller,
  { target, logger }: ApiContext,
  end: AbortSignal,
): AsyncGenerator<string> {
  try {
    for await (const event of target.events(asked, end)) {
      if (!mayGoOn()) return;
      yield toEventMessage(event);
    }
  } catch (error) {
    if (end.aborted) return;
    logger.error({ err: error }, 'events can not be told any more');
    // Cuts the answer off: its end would say that this was all.
    throw error;
  }
}
