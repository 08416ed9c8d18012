import type { Groups } from '../groups/groups.ts';
import { standingOf } from '../groups/standing.ts';
import { createLabResolver } from '../labs/group-labs.ts';
import type { LabCatalogue } from '../labs/lab-catalogue.ts';
import type { LabResolver } from '../labs/lab-resolver.ts';
import { createTemplateLabs } from '../labs/template-labs.ts';

/** The labs as each user gets them: templates rendered, and the settings of their groups over them. */
export function resolvedLabs(catalogue: LabCatalogue, domain: string, groups: Groups): LabResolver {
  const base = createTemplateLabs({ catalogue, domain, standingOf: (user) => standingOf(user, groups) });
  return createLabResolver({ base, groups });
}
