import type { Groups } from '../groups/groups.ts';
import { standingOf } from '../groups/standing.ts';
import { createLabResolver } from '../labs/group-labs.ts';
import { createHostOf, type HostOf } from '../labs/host-of.ts';
import type { LabResolver } from '../labs/lab-resolver.ts';
import { createTemplateLabs } from '../labs/template-labs.ts';
import type { StartRequest } from './start-request.ts';

export interface UsersLabs {
  readonly resolver: LabResolver;
  readonly hostOf: HostOf;
}

/** The labs as users get them: templates rendered, and what their groups have otherwise laid over that. */
export function openLabs(
  { config: { domain }, labs }: Pick<StartRequest, 'config' | 'labs'>,
  groups: Groups,
): UsersLabs {
  const base = createTemplateLabs({
    catalogue: labs,
    domain,
    standingOf: (user) => standingOf(user, groups),
  });
  const resolver = createLabResolver({ base, groups });
  return { resolver, hostOf: createHostOf(resolver, domain) };
}
