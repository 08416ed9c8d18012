import type { LabAccess, LabDecision } from '../../labs/lab-decision.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { LabName } from '../../names/lab-name.ts';
import type { Login } from '../../names/login.ts';
import type { Lease, LeaseHolder, SessionEnd, WorkspaceAccess } from '../../workspaces/workspace-access.ts';
import type { Draining } from '../draining.ts';
import type { UserConnections } from './user-connections.ts';

export interface Admitted {
  readonly kind: 'admitted';
  /** What else the user may use. */
  readonly otherLabs: readonly LabName[];
  readonly lease: Lease;
  /** Gives the lease back; again does nothing. */
  readonly release: (reason: SessionEnd) => void;
}

export interface Refused {
  readonly kind: 'refused';
  /** Why not, for the student. */
  readonly message: string;
}

/** The login leads to several labs, and no workspace is held until one of them is chosen. */
export interface Undecided {
  readonly kind: 'undecided';
  /** At least two. */
  readonly labs: readonly LabDefinition[];
  /** Takes the lease. Throws as `admit`. At most one call may be answered with `admitted`. */
  readonly choose: (lab: LabName) => Admitted | Refused;
  /** Must be called when the connection ends without a lease; again does nothing. */
  readonly leave: () => void;
}

/** What an authenticated login gets. */
export type Admission = Admitted | Undecided | Refused;

interface AdmissionOptions {
  readonly labAccess: LabAccess;
  readonly workspaces: WorkspaceAccess;
  readonly users: UserConnections;
  readonly draining: Pick<Draining, 'refusal'>;
}

/** Finds the lab and takes the lease. Throws where that is nobody's choice but a failure. */
export function admit(login: Login, holder: LeaseHolder, options: AdmissionOptions): Admission {
  const closed = options.draining.refusal();
  if (closed !== undefined) return { kind: 'refused', message: closed };
  const decision = options.labAccess.resolve(login);
  if (decision.kind === 'refused') return decision;
  const enter = options.users.enter(login.user);
  if (enter === undefined) {
    return {
      kind: 'refused',
      message: `You have ${options.users.limit} connections open, which is as many as one user may have. Close some and try again.`,
    };
  }
  const leave = once(enter);
  if (decision.kind === 'choose') {
    const choose = (lab: LabName): Admitted | Refused => chosen({ ...login, lab }, holder, leave, options);
    return { kind: 'undecided', labs: decision.labs, choose, leave };
  }
  try {
    return takeLease(decision, holder, leave, options);
  } catch (error) {
    leave();
    throw error;
  }
}

/** Much may have changed while the person was choosing, so everything is asked anew. */
function chosen(
  login: Login,
  holder: LeaseHolder,
  leave: () => void,
  options: AdmissionOptions,
): Admitted | Refused {
  const closed = options.draining.refusal();
  if (closed !== undefined) return { kind: 'refused', message: closed };
  const decision = options.labAccess.resolve(login);
  if (decision.kind === 'lab') return takeLease(decision, holder, leave, options);
  if (decision.kind === 'refused') return decision;
  throw new Error(`the login names ${login.lab}, and yet the lab is to be chosen`);
}

function takeLease(
  { key, others: otherLabs }: Extract<LabDecision, { kind: 'lab' }>,
  holder: LeaseHolder,
  leave: () => void,
  { workspaces }: AdmissionOptions,
): Admitted {
  const lease = workspaces.lease(key, holder);
  const release = (reason: SessionEnd): void => {
    leave();
    lease.release(reason);
  };
  let held = true;
  return {
    kind: 'admitted',
    otherLabs,
    lease,
    release: (reason) => {
      if (held) release(reason);
      held = false;
    },
  };
}

function once(callback: () => void): () => void {
  let called = false;
  return () => {
    if (!called) callback();
    called = true;
  };
}
