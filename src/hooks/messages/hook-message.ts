import { randomBytes } from 'node:crypto';
import type { Standing } from '../../groups/standing.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { HookSession } from '../../workspaces/ports/hooks.ts';
import type { SessionEnd } from '../../workspaces/workspace-access.ts';
import type { NewDelivery } from '../ledger/outbox.ts';
import { type BodySession, type CleanupCause, hookBodySchema } from './hook-body.ts';

/** What a hook tells, before it has its id. */
export type Telling =
  | { readonly type: 'initialization' | 'first_session' | 'session_start'; readonly session: HookSession }
  | {
      readonly type: 'session_end' | 'last_session';
      readonly session: HookSession;
      readonly cause: SessionEnd;
    }
  | { readonly type: 'cleanup'; readonly cause: CleanupCause }
  | { readonly type: 'delete' };

export interface Circumstances extends Standing {
  readonly key: WorkspaceKey;
  readonly host: string;
  readonly configuration: string | undefined;
  /** ms since the epoch. */
  readonly at: number;
}

/** The hook as it will be sent, whatever changes meanwhile. Throws for a time that is none. */
export function hookMessage(telling: Telling, circumstances: Circumstances): NewDelivery {
  const id = `msg_${randomBytes(16).toString('hex')}`;
  const { key, at, configuration } = circumstances;
  const body = JSON.stringify(hookBodySchema.parse(bodyOf(telling, circumstances, id)));
  return { key, id, hook: telling.type, configuration, body, at };
}

/** What the schema says of it, which is asked next. */
function bodyOf(telling: Telling, circumstances: Circumstances, id: string): object {
  const { key, groups, role, host, configuration, at } = circumstances;
  return {
    type: telling.type,
    delivery: { id },
    timestamp: new Date(at).toISOString(),
    username: key.user,
    environment: key.lab,
    groups: [...groups],
    role,
    host,
    configuration_id: telling.type === 'delete' ? null : (configuration ?? null),
    session: 'session' in telling ? sessionOf(telling.session) : null,
    cause: 'cause' in telling ? telling.cause : null,
  };
}

function sessionOf({ id, clientAddress, clientProgram, since }: HookSession): BodySession {
  return {
    id,
    client_address: clientAddress,
    client: clientProgram,
    began_at: new Date(since).toISOString(),
  };
}
