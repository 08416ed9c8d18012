import type { GroupConfig } from '../config/factory-config.ts';
import type { Username } from '../names/username.ts';

/** The groups as the configuration has them now: it is read again when it changes. */
export interface Groups {
  /** Every group, in the order of the file. */
  all(): readonly GroupConfig[];
  /** Those that the user is in. */
  of(user: Username): readonly GroupConfig[];
  /** Calls `listener` after each change, until the handle is disposed. */
  onChange(listener: () => void): Disposable;
}

/** Groups that stay as they are. */
export function fixedGroups(groups: readonly GroupConfig[]): Groups {
  return {
    all: () => groups,
    of: (user) => groupsOf(user, groups),
    onChange: () => ({ [Symbol.dispose]: () => {} }),
  };
}

export function groupsOf(user: Username, groups: readonly GroupConfig[]): readonly GroupConfig[] {
  return groups.filter(({ members }) => members.includes('*') || members.includes(user));
}
