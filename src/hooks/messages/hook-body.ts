import { z } from 'zod';
import { ROLES } from '../../names/role.ts';
import type { SessionEnd } from '../../workspaces/workspace-access.ts';

/*
 * What a hook's receiver gets: the JSON body of each POST. Times are ISO 8601 in UTC. Keys are only ever added.
 */

const time = z.iso.datetime();

/** Every one there is: a hook whose cause is not here could not be written down, and would hold up all others. */
const SESSION_ENDS = {
  closed: 'closed',
  lost: 'lost',
  idle: 'idle',
  max_session: 'max_session',
  operator: 'operator',
  restart: 'restart',
  refused: 'refused',
  protocol_error: 'protocol_error',
  factory_killed: 'factory_killed',
} as const satisfies { readonly [End in SessionEnd]: End };

/** Why a configuration is over. */
export const CLEANUP_CAUSES = [
  'grace',
  'memory_pressure',
  'command',
  'deleted',
  'initialization_failed',
] as const;

export type CleanupCause = (typeof CLEANUP_CAUSES)[number];

const session = z
  .strictObject({
    id: z.string().meta({ description: 'The same in every hook of this session.' }),
    client_address: z.string().meta({ description: '"192.0.2.7:50122"' }),
    client: z.string().meta({ description: "The client's SSH identification string." }),
    began_at: time,
  })
  .meta({ description: 'The session that this is about.' });

const configurationId = z.string().meta({
  description: 'Of the initialization; its cleanup names the same.',
});

const common = {
  delivery: z.strictObject({
    id: z.string().meta({
      description: 'As the header webhook-id: the same at every try. Who has seen it has seen this.',
    }),
  }),
  timestamp: time.meta({ description: 'When it happened, not when it is delivered.' }),
  username: z.string(),
  environment: z.string().meta({ description: 'The name of the lab.' }),
  groups: z.array(z.string()).meta({ description: 'Of the user, when it happened.' }),
  role: z.enum(ROLES),
  host: z.string().meta({ description: "The workspace's host: its Ingresses answer there." }),
};

const none = z.null();

export const hookBodySchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('initialization'),
      ...common,
      configuration_id: configurationId,
      session,
      cause: none,
    }),
    z.strictObject({
      type: z.enum(['first_session', 'session_start']),
      ...common,
      configuration_id: configurationId.nullable(),
      session,
      cause: none,
    }),
    z.strictObject({
      type: z.enum(['session_end', 'last_session']),
      ...common,
      configuration_id: configurationId.nullable(),
      session,
      cause: z.enum(SESSION_ENDS).meta({ description: 'Why the session ended.' }),
    }),
    z.strictObject({
      type: z.literal('cleanup'),
      ...common,
      configuration_id: configurationId,
      session: none,
      cause: z.enum(CLEANUP_CAUSES).meta({
        description:
          'The grace time has passed; or the host was short of memory, or somebody gave a command, before that.',
      }),
    }),
    z.strictObject({
      type: z.literal('delete'),
      ...common,
      configuration_id: none,
      session: none,
      cause: none,
    }),
  ])
  .meta({ title: 'ssh-lab-factory hook' });

export type HookBody = z.output<typeof hookBodySchema>;
export type BodySession = z.output<typeof session>;
