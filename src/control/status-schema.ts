import { z } from 'zod';
import { nextTierSchema } from '../status/next-tier.ts';
import { type PartStatus, partSchema, RESTING, WORKING } from '../status/part-status.ts';
import { sessionSchema } from './session-status.ts';

/*
 * What a running factory says of itself: the answer of its control socket, and what `factory status --json` prints. Times are
 * ISO 8601 in UTC.
 */

const time = z.iso.datetime();

const workspaceSchema = z.object({
  user: z.string(),
  lab: z.string(),
  /** False: the lab is no longer defined, and the workspace can only go to sleep. */
  lab_defined: z.boolean(),
  /** Of all of it: `failed` or what is being done where that is so of a part, else how awake it is. */
  state: z.enum([...RESTING, ...WORKING, 'failed']),
  since: time,
  longer: z.boolean(),
  /** What the passing of time alone will make of it. */
  next: nextTierSchema.nullable(),
  /** Keeps it awake until then, whoever is there. */
  pin: z.object({ until: time, by: z.string() }).nullable(),
  /** In force until somebody comes: of an operator, or for want of memory. */
  order: z.enum(['suspend', 'stop', 'delete']).nullable(),
  /** Of the cluster alone, in force until somebody wants it or comes. */
  cluster_order: z.object({ order: z.enum(['suspend', 'stop', 'delete']), by: z.string() }).nullable(),
  /** When the cluster is deleted if nobody comes. */
  delete_at: time.nullable(),
  sessions: z.array(sessionSchema),
  container: partSchema,
  cluster: partSchema.nullable(),
  /** Of the host's memory, container and nodes together; null: Docker did not say. */
  memory_bytes: z.number().nullable(),
  route: z.object({ state: z.enum(['awake', 'asleep']), url: z.string() }).nullable(),
});

export const drainStatusSchema = z.object({
  /** When sessions that are still there are ended. */
  until: time,
});

const configurationSchema = z.object({
  /** Null: the factory runs without one. */
  file: z.string().nullable(),
  /** When the groups that are in force were read. */
  read_at: time,
  /** Why the files as they are now are not taken; null: they are. */
  problem: z.object({ message: z.string(), since: time }).nullable(),
  /** Keys that were changed since the start, and act after a restart. */
  needs_restart: z.array(z.string()),
});

export const factoryStatusSchema = z.object({
  version: z.string(),
  instance: z.string(),
  pid: z.number(),
  since: time,
  ssh: z.string(),
  web: z.string(),
  configuration: configurationSchema,
  /** From where nobody may log in until then, as too many logins have failed; of IPv6 networks. */
  closed_out: z.array(z.object({ address: z.string(), until: time })),
  /** Null: new sessions are taken. */
  drain: drainStatusSchema.nullable(),
  /** Calls that labs ask for: those that wait for their receiver, and those that were given up; null: that can not be said. */
  hooks: z.object({ waiting: z.number(), given_up: z.number() }).nullable(),
  /** In all workspaces. */
  sessions: z.number(),
  workspaces: z.array(workspaceSchema),
});

export type FactoryStatus = z.output<typeof factoryStatusSchema>;
export type ConfigurationStatus = z.output<typeof configurationSchema>;
export type WorkspaceStatus = z.output<typeof workspaceSchema>;
export type { PartStatus };
export type DrainStatus = z.output<typeof drainStatusSchema>;
