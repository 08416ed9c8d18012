import { highestRole, type Role } from '../names/role.ts';
import type { Username } from '../names/username.ts';
import type { Groups } from './groups.ts';

/** What somebody is here, as templates and hooks are told. */
export interface Standing {
  /** The names of their groups, in the order of the file. */
  readonly groups: readonly string[];
  readonly role: Role;
}

export function standingOf(user: Username, groups: Groups): Standing {
  const own = groups.of(user);
  return { groups: own.map(({ name }) => name), role: highestRole(own.map(({ role }) => role)) };
}
