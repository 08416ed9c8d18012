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
  const index = new GroupIndex(groups);
  return {
    all: () => groups,
    of: (user) => index.of(user),
    onChange: () => ({ [Symbol.dispose]: () => {} }),
  };
}

/** Who is in which groups. It is asked at every step of every workspace, so no list of members is gone through again. */
export class GroupIndex {
  readonly #groups: readonly { readonly group: GroupConfig; readonly members: ReadonlySet<string> }[];

  constructor(groups: readonly GroupConfig[]) {
    this.#groups = groups.map((group) => ({ group, members: new Set(group.members) }));
  }

  /** In the order of the file. */
  of(user: Username): readonly GroupConfig[] {
    return this.#groups
      .filter(({ members }) => members.has('*') || members.has(user))
      .map(({ group }) => group);
  }
}
