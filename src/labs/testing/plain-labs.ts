import type { LabCatalogue } from '../lab-catalogue.ts';
import type { LabResolver } from '../lab-resolver.ts';

/** Labs without overrides and templates. */
export function plainLabs(labs: Pick<LabCatalogue, 'get'>): LabResolver {
  return { resolve: ({ lab }) => labs.get(lab), sessionEnv: () => ({}) };
}
