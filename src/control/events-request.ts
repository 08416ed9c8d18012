import { z } from 'zod';
import type { EventQuery } from '../history/event-query.ts';
import { EVENT_KINDS } from '../history/event-schema.ts';
import { queryNumber, queryTime } from '../http/query-values.ts';
import { parseLogin } from '../names/login.ts';

/** Which events, and whether all that come are to be told as well. */
export interface EventsRequest extends EventQuery {
  readonly follow: boolean;
}

const number = queryNumber(0, Number.MAX_SAFE_INTEGER);

/** The query of `GET /events`. */
export const eventsQuerySchema = z
  .strictObject({
    /** "alice", or "alice/k3s" */
    workspace: z
      .string()
      .transform(parseLogin)
      .refine((login) => login !== undefined, { error: 'must be a user, or user/lab' })
      .optional(),
    kind: z.enum(EVENT_KINDS).optional(),
    since: queryTime.optional(),
    until: queryTime.optional(),
    /** Only events that were kept after the one with this id. */
    after: number.optional(),
    /** Of what has happened already only so many, the last ones. */
    limit: number.optional(),
    follow: z.enum(['true', 'false']).optional(),
  })
  .transform(
    ({ workspace, limit, follow, ...rest }): EventsRequest => ({
      ...rest,
      user: workspace?.user,
      lab: workspace?.lab,
      newest: limit,
      follow: follow === 'true',
    }),
  );

/** The path and query that ask for it. */
export function eventsPath({ user, lab, kind, since, until, after, newest, follow }: EventsRequest): string {
  const query = new URLSearchParams();
  const add = (name: string, value: string | number | undefined) => {
    if (value !== undefined) query.set(name, String(value));
  };
  add('workspace', lab === undefined ? user : `${user}/${lab}`);
  add('kind', kind);
  add('since', since === undefined ? undefined : new Date(since).toISOString());
  add('until', until === undefined ? undefined : new Date(until).toISOString());
  add('after', after);
  add('limit', newest);
  if (follow) add('follow', 'true');
  return `/events?${query}`;
}
