import type { Groups } from '../groups/groups.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Principal } from '../tokens/principal.ts';
import type { Endpoint } from './endpoints.ts';

/** Whose clusters a role reaches through an endpoint. */
export type Reach =
  | 'none'
  /** The workspace that the token names, while it has an open session. */
  | 'own'
  /** Those of the members of the token's groups, in the labs of these groups. */
  | 'groups'
  | 'all';

const USE = { student: 'own', instructor: 'groups', admin: 'all', gateway: 'none' } as const;

/** Who may do what. What is not granted here is refused. */
export const ACCESS: Readonly<Record<Endpoint, Readonly<Record<Principal['role'], Reach>>>> = {
  list: USE,
  status: USE,
  ensure: USE,
  suspend: USE,
  stop: USE,
  reset: USE,
  remove: USE,
  stopNode: USE,
  startNode: USE,
  extend: USE,
  kubeconfig: USE,
  logs: USE,
  events: USE,
};

/** The workspace that is asked for. */
export interface AskedWorkspace {
  readonly key: WorkspaceKey;
  /** How many are open in it; 0 also where nobody knows it. */
  readonly sessions: number;
}

/**
 * `denied`: the caller is told so. `hidden`: the caller is not to learn whether there is such a workspace, so the answer is the one
 * for a workspace that there is not.
 */
export type Decision = 'allowed' | 'denied' | 'hidden';

/** Whether `principal` may do this to this workspace. */
export function decide(
  principal: Principal,
  endpoint: Endpoint,
  workspace: AskedWorkspace,
  groups: Groups,
): Decision {
  switch (ACCESS[endpoint][principal.role]) {
    case 'none':
      return 'denied';
    case 'all':
      return 'allowed';
    case 'own':
      if (principal.role !== 'student' || !isSame(principal.key, workspace.key)) return 'hidden';
      return workspace.sessions > 0 ? 'allowed' : 'denied';
    case 'groups':
      if (principal.role !== 'instructor') return 'hidden';
      return isInGroups(workspace.key, principal.groups, groups) ? 'allowed' : 'hidden';
  }
}

/** Whether `principal` may ask for a list at all; which workspaces it has is decided of each. */
export function mayList(principal: Principal, sessionsOf: (key: WorkspaceKey) => number): boolean {
  if (principal.role === 'student') return sessionsOf(principal.key) > 0;
  return ACCESS.list[principal.role] !== 'none';
}

/** Both in one and the same group: a member of one is not reached in a lab of another. `names`: of the groups that count. */
function isInGroups({ user, lab }: WorkspaceKey, names: readonly string[], groups: Groups): boolean {
  return groups.of(user).some(({ name, labs }) => names.includes(name) && labs.includes(lab));
}

function isSame(one: WorkspaceKey, other: WorkspaceKey): boolean {
  return formatWorkspaceKey(one) === formatWorkspaceKey(other);
}
