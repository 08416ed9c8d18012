import { z } from 'zod';
import { ERROR_CODES } from '../errors/error-codes.ts';
import { HOOK_NAMES } from '../labs/lab-definition.ts';
import { type NodeName, parseNodeName } from '../names/node-name.ts';
import type { PartState } from '../workspaces/parts/part-state.ts';
import type { HookOutcome, PartName, WorkspaceEvent } from '../workspaces/ports/events.ts';
import type { SessionEnd, WorkspaceAction } from '../workspaces/workspace-access.ts';

/*
 * What happened to a workspace as the history keeps it, the control socket tells it and `factory events --json` prints it. Times are
 * ISO 8601 in UTC, spans are in ms. Keys and values are only ever added: what was written stays readable.
 */

const time = z.iso.datetime();
const part = z.enum(['container', 'cluster'] satisfies PartName[]);
/** `unconnected`: it runs, and route and container have not been told of it yet. */
const state = z.enum([
  'absent',
  'incomplete',
  'stopped',
  'suspended',
  'unconnected',
  'running',
] satisfies PartState[]);
/** Every step that there is. */
export const ACTIONS = [
  'create',
  'start',
  'resume',
  'connect',
  'suspend',
  'stop',
  'remove',
  'reset',
] as const satisfies readonly WorkspaceAction[];

const action = z.enum(ACTIONS);
const sessionEnd = z.enum([
  'closed',
  'lost',
  'idle',
  'max_session',
  'operator',
  'restart',
  'refused',
  'protocol_error',
  'factory_killed',
] satisfies SessionEnd[]);

const CLUSTER_COMMANDS = ['cluster_start', 'cluster_suspend', 'cluster_stop', 'cluster_delete'] as const;
const NODE_COMMANDS = ['node_stop', 'node_start'] as const;
const nodeName = z.custom<NodeName>((text) => typeof text === 'string' && parseNodeName(text) !== undefined);

const commandSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('suspend'), end_sessions: z.boolean() }),
  z.object({ kind: z.literal('stop'), end_sessions: z.boolean() }),
  z.object({ kind: z.literal('start') }),
  z.object({ kind: z.literal('reset'), part }),
  z.object({ kind: z.literal('delete'), home: z.boolean(), end_sessions: z.boolean() }),
  z.object({ kind: z.literal('pin'), until: time }),
  z.object({ kind: z.literal('unpin') }),
  z.object({ kind: z.enum(CLUSTER_COMMANDS) }),
  z.object({ kind: z.enum(NODE_COMMANDS), node: nodeName }),
]);

const causeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), client: z.string() }),
  z.object({ kind: z.literal('time'), after: z.enum(['grace', 'stop_after', 'delete_after']) }),
  z.object({ kind: z.literal('memory_pressure') }),
  z.object({
    kind: z.literal('command'),
    command: z.enum([
      ...(['suspend', 'stop', 'start', 'reset', 'delete', 'pin', 'unpin'] as const),
      ...CLUSTER_COMMANDS,
      ...NODE_COMMANDS,
    ]),
    by: z.string(),
  }),
  z.object({ kind: z.literal('pin'), by: z.string() }),
]);

const about = { at: time, user: z.string(), lab: z.string() };
const client = {
  /** The id of the session; empty in what was kept before there were any. */
  session: z.string().default(''),
  client: z.string(),
  program: z.string(),
};

export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ ...about, kind: z.literal('session_began'), ...client }),
  z.object({
    ...about,
    kind: z.literal('session_ended'),
    ...client,
    ms: z.number(),
    reason: sessionEnd,
    /** No other session of the workspace was left. */
    last: z.boolean(),
  }),
  z.object({
    ...about,
    kind: z.literal('step_done'),
    part,
    action,
    from: state,
    to: state,
    ms: z.number(),
    cause: causeSchema,
  }),
  z.object({
    ...about,
    kind: z.literal('step_failed'),
    part,
    action,
    from: state,
    ms: z.number(),
    cause: causeSchema,
    /** `id`: under which the log has it. */
    error: z.object({
      id: z.string(),
      code: z.enum(Object.keys(ERROR_CODES) as [keyof typeof ERROR_CODES]),
      message: z.string(),
    }),
    retry_at: time,
  }),
  z.object({
    ...about,
    kind: z.literal('found'),
    part,
    /** Null: nobody had looked before. */
    from: state.nullable(),
    to: state,
  }),
  z.object({ ...about, kind: z.literal('commanded'), command: commandSchema, by: z.string() }),
  z.object({ ...about, kind: z.literal('memory_pressure'), available_bytes: z.number() }),
  z.object({
    ...about,
    kind: z.literal('hook'),
    hook: z.enum(HOOK_NAMES),
    /** `failed`: it is tried again. */
    outcome: z.enum(['delivered', 'failed', 'given_up', 'refused'] satisfies HookOutcome[]),
    attempt: z.number(),
    ms: z.number(),
    delivery: z.string(),
  }),
  z.object({ ...about, kind: z.literal('deletion_ahead'), delete_at: time }),
]);

/** An event with the place that it has in the history. */
export const recordedEventSchema = z
  .object({
    /** Grows from event to event. Null: it could not be kept, as on a full disk. */
    id: z.int().nullable(),
  })
  .and(eventSchema);

/** Every kind of event. */
export const EVENT_KINDS = [
  'session_began',
  'session_ended',
  'step_done',
  'step_failed',
  'found',
  'commanded',
  'memory_pressure',
  'hook',
  'deletion_ahead',
] as const satisfies readonly WorkspaceEvent['kind'][];

export type PublishedEvent = z.output<typeof eventSchema>;
export type PublishedCommand = z.output<typeof commandSchema>;
export type PublishedCause = z.output<typeof causeSchema>;
export type RecordedEvent = z.output<typeof recordedEventSchema>;
