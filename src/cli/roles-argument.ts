import { InvalidArgumentError } from 'commander';
import { ROLES, type Role } from '../composition/roles.ts';

export const ALL_ROLES: ReadonlySet<Role> = new Set(ROLES);

/** "gateway", "clusters", "gateway,clusters" or "all". Throws commander's usage error. */
export function parseRoles(text: string): ReadonlySet<Role> {
  if (text === 'all') return ALL_ROLES;
  return new Set(text.split(',').map(parseRole));
}

function parseRole(text: string): Role {
  const role = ROLES.find((one) => one === text.trim());
  if (role !== undefined) return role;
  throw new InvalidArgumentError(
    `The roles are: all, ${ROLES.join(', ')}; several with commas between them.`,
  );
}
