import type { Groups } from '../groups/groups.ts';
import { overriddenEnv, withOverrides } from './group-overrides.ts';
import type { LabResolver } from './lab-resolver.ts';

export interface LabResolverOptions {
  /** The labs before the groups have their say. */
  readonly base: LabResolver;
  readonly groups: Pick<Groups, 'of'>;
}

/** Labs with what the groups of the user, as they are when somebody asks, have in place of the labs' own settings. */
export function createLabResolver({ base, groups }: LabResolverOptions): LabResolver {
  return {
    resolve(key, given) {
      const lab = base.resolve(key, given);
      return lab && withOverrides(lab, groups.of(key.user));
    },
    sessionEnv: (key, given, session) => ({
      ...base.sessionEnv(key, given, session),
      ...overriddenEnv({ name: key.lab }, groups.of(key.user)),
    }),
  };
}
