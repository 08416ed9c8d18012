/** What one process of a factory does: `gateway` faces people and decides, `clusters` has the Docker socket. */
export const ROLES = ['gateway', 'clusters'] as const;

export type Role = (typeof ROLES)[number];
