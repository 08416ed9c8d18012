import type { LabName } from '../names/lab-name.ts';
import type { LabDefinition } from './lab-definition.ts';

/** Every lab of this factory. */
export interface LabCatalogue {
  get(name: LabName): LabDefinition | undefined;
  /** In the order of the configuration's folders, by name in each. */
  all(): readonly LabDefinition[];
}

export function createLabCatalogue(labs: readonly LabDefinition[]): LabCatalogue {
  const byName = new Map(labs.map((lab) => [lab.name, lab]));
  return { get: (name) => byName.get(name), all: () => labs };
}
