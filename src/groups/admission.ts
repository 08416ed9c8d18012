import { FactoryError } from '../errors/factory-error.ts';
import type { Identity } from '../identity/identity.ts';
import type { Reservation } from '../identity/reservation.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { MAKING, type WorkspaceCommand } from '../workspaces/workspace-command.ts';
import type { WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import type { Groups } from './groups.ts';

export interface AdmissionOptions {
  readonly groups: Pick<Groups, 'of'>;
  readonly identity: Pick<Identity, 'lookup'>;
  readonly reservation: Reservation;
  /** Undefined: nobody has heard of it yet. */
  readonly snapshot: (key: WorkspaceKey) => WorkspaceSnapshot | undefined;
}

/**
 * Holds an order up that would make a workspace for somebody who could not come into it: a name that was mistyped. Rejects with
 * `USER_UNKNOWN`, with `IDENTITY_UNAVAILABLE` where nobody can say whether there is such a user, and with `USERNAME_RESERVED`.
 */
export type Admit = (key: WorkspaceKey, command: WorkspaceCommand, signal: AbortSignal) => Promise<void>;

/**
 * What is there already may be woken whoever it is of: the operator looks after what somebody left behind. Not so where its user's name is reserved
 * by now: awake, it would have that host.
 */
export function createAdmission({ groups, identity, reservation, snapshot }: AdmissionOptions): Admit {
  return async (key, { kind }, signal) => {
    if (!MAKING.has(kind)) return;
    const { user, lab } = key;
    const reserved = reservation(user);
    if (reserved !== undefined) throw reserved;
    if (isThere(snapshot(key))) return;
    const giving = groups.of(user).filter(({ labs }) => labs.includes(lab));
    if (giving.length === 0) throw unknown(key, `no group gives ${user} the lab ${lab}`);
    if (giving.some(({ members }) => members.includes(user))) return;
    const knowledge = await identity.lookup(user, signal);
    if (knowledge.kind === 'known') return;
    if (knowledge.kind === 'unknown') throw unknown(key, `no source knows a user ${user}`);
    throw new FactoryError(
      'IDENTITY_UNAVAILABLE',
      `${knowledge.source} does not answer, so nobody can say whether there is a user ${user}; try again soon.`,
    );
  };
}

function isThere(snapshot: WorkspaceSnapshot | undefined): boolean {
  if (snapshot === undefined) return false;
  const { leases, container, cluster } = snapshot;
  return (
    leases.length > 0 || [container, cluster].some((part) => (part?.observed?.state ?? 'absent') !== 'absent')
  );
}

function unknown(key: WorkspaceKey, reason: string): FactoryError {
  const name = formatWorkspaceKey(key);
  return new FactoryError(
    'USER_UNKNOWN',
    `There is no workspace ${name}, and none is made: ${reason}. Look at: factory who ${key.user}`,
  );
}
