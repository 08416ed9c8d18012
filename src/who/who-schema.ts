import { z } from 'zod';
import { ROLES } from '../names/role.ts';

/*
 * All that a factory knows of a user: the answer of `GET /who/<user>` on the control socket, and what `factory who --json` prints.
 * Times are ISO 8601 in UTC.
 */

/** Where something is written. */
const place = z.object({ file: z.string(), line: z.number() });

const setting = z.object({
  /** As lab.yaml names it: "container.limits.memory". */
  key: z.string(),
  /** For people. Of what a secret is part of, as it is written. */
  value: z.string(),
  from: z.enum(['group', 'lab', 'configuration', 'default']),
  group: z.string().nullable(),
  place: place.nullable(),
});

const lab = z.object({
  name: z.string(),
  /** Where a login goes that names none. */
  is_default: z.boolean(),
  /** Why its settings cannot be told now. */
  problem: z.string().nullable(),
  settings: z.array(setting),
});

export const whoSchema = z.object({
  user: z.string(),
  /** What would come of a login now. */
  login: z.object({ outcome: z.enum(['lab', 'choice', 'refused']), text: z.string() }),
  source: z.object({ state: z.enum(['known', 'unknown', 'unavailable']), name: z.string().nullable() }),
  keys: z.array(z.object({ type: z.string(), fingerprint: z.string() })),
  /** What is remembered of the first login; null: nobody came by that name, or its source has no ids. */
  account: z
    .object({
      source: z.string(),
      /** Null: it can not be read. */
      id: z.number().nullable(),
      since: z.iso.datetime(),
      refused: z.object({ id: z.number(), since: z.iso.datetime() }).nullable(),
    })
    .nullable(),
  role: z.enum(ROLES),
  groups: z.array(
    z.object({
      name: z.string(),
      role: z.enum(ROLES),
      through: z.array(z.object({ by: z.enum(['name', 'everybody', 'roster']), place: place.nullable() })),
    }),
  ),
  labs: z.array(lab),
});

export type WhoReport = z.output<typeof whoSchema>;
export type Place = z.output<typeof place>;
export type Setting = z.output<typeof setting>;
