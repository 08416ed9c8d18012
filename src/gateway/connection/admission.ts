import type { LabAccess } from '../../labs/lab-decision.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { LabName } from '../../names/lab-name.ts';
import type { Login } from '../../names/login.ts';
import type { Lease, LeaseHolder, SessionEnd, WorkspaceAccess } from '../../workspaces/workspace-access.ts';
import type { Draining } from '../draining.ts';
import { sshCommand } from '../inner/inner-advice.ts';
import type { UserConnections } from './user-connections.ts';

/** What an authenticated login gets. */
export type Admission =
  | {
      readonly kind: 'admitted';
      readonly lab: LabDefinition;
      /** What else the user may use. */
      readonly otherLabs: readonly LabName[];
      readonly lease: Lease;
      /** Gives the lease back; again does nothing. */
      readonly release: (reason: SessionEnd) => void;
    }
  /** `message`: why not, for the student. */
  | { readonly kind: 'refused'; readonly message: string };

interface AdmissionOptions {
  readonly labAccess: LabAccess;
  readonly workspaces: WorkspaceAccess;
  readonly users: UserConnections;
  readonly draining: Pick<Draining, 'refusal'>;
  readonly host: string;
  readonly port: number;
}

/** Finds the lab and takes the lease. Throws where that is nobody's choice but a failure. */
export function admit(login: Login, holder: LeaseHolder, options: AdmissionOptions): Admission {
  const closed = options.draining.refusal();
  if (closed !== undefined) return { kind: 'refused', message: closed };
  const decision = options.labAccess.resolve(login);
  if (decision.kind === 'refused') return decision;
  if (decision.kind === 'choose') return { kind: 'refused', message: choice(login, decision.labs, options) };
  const leave = options.users.enter(login.user);
  if (leave === undefined) {
    return {
      kind: 'refused',
      message: `You have ${options.users.limit} connections open, which is as many as one user may have. Close some and try again.`,
    };
  }
  try {
    const lease = options.workspaces.lease(decision.key, holder);
    const { lab, others: otherLabs } = decision;
    return { kind: 'admitted', lab, otherLabs, lease, release: releaseOnce(lease, leave) };
  } catch (error) {
    leave();
    throw error;
  }
}

function releaseOnce(lease: Lease, leave: () => void): (reason: SessionEnd) => void {
  let held = true;
  return (reason) => {
    if (!held) return;
    held = false;
    leave();
    lease.release(reason);
  };
}

function choice(login: Login, labs: readonly LabDefinition[], { host, port }: AdmissionOptions): string {
  const lines = labs.map(({ name, description }) => `  ${name}  ${description}`);
  const example = sshCommand({ login: `${login.user}/${labs[0]?.name ?? 'lab'}`, host, port }, '@status');
  const command = example.replace(/ -t | -- @status/g, (part) => (part === ' -t ' ? ' ' : ''));
  return ['You have several labs:', ...lines, `Say which one, for example: ${command}`].join('\n');
}
