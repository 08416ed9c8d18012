import { isDeepStrictEqual } from 'node:util';
import type { ConfigSource } from '../config/config-source.ts';
import type { FactoryConfig } from '../config/factory-config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { FactoryError } from '../errors/factory-error.ts';

/** How the configuration of a running factory stands to its files. */
export interface ConfigState {
  /** When the groups that are in force were read; ms since the epoch. */
  readonly readAt: number;
  /** Why the files as they are now are not taken; undefined: they are. */
  readonly problem: { readonly message: string; readonly since: number } | undefined;
  /** The keys of the file that differ from those that the factory was started with, and act after a restart. */
  readonly needsRestart: readonly string[];
}

/** What a file that was read again brings. Throws `CONFIG_INVALID` where it would let in everybody by saying nothing. */
export function judgeReload(
  { loaded: { config: started } }: ConfigSource,
  inForce: LoadedConfig,
  found: LoadedConfig,
): { readonly areGroupsChanged: boolean; readonly needsRestart: readonly string[] } {
  if (hasGroups(inForce) && !hasGroups(found)) {
    throw new FactoryError(
      'CONFIG_INVALID',
      'The configuration has no groups any more, which may be half a file; they stay as they were. Restart the factory if you mean it.',
    );
  }
  return {
    areGroupsChanged: !isDeepStrictEqual(found.config.groups, inForce.config.groups),
    needsRestart: differences(started, found.config).filter((key) => key !== 'groups'),
  };
}

function hasGroups(loaded: LoadedConfig): boolean {
  return loaded.problemAt(['groups'], '') !== undefined;
}

/** The keys of the configuration's top are those of the file. */
function differences(one: FactoryConfig, other: FactoryConfig): readonly string[] {
  const others = new Map<string, unknown>(Object.entries(other));
  return Object.entries(one).flatMap(([key, value]) =>
    isDeepStrictEqual(value, others.get(key)) ? [] : [key],
  );
}
