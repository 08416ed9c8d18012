import type { LabName } from '../names/lab-name.ts';
import type { LabDefinition } from './lab-definition.ts';
import type { LabTemplate } from './templates/lab-template.ts';

/**
 * Every lab of this factory, for whoever looks at labs in general: what templates are in them is rendered for a sample user, and `LabResolver`
 * has them as one user gets them.
 */
export interface LabCatalogue {
  get(name: LabName): LabDefinition | undefined;
  /** In the order of the configuration's folders, by name in each. */
  all(): readonly LabDefinition[];
  /** What makes the lab for one user; undefined: it is the same for all, but for their host. */
  template(name: LabName): LabTemplate | undefined;
}

export function createLabCatalogue(
  labs: readonly LabDefinition[],
  templates: ReadonlyMap<LabName, LabTemplate> = new Map(),
): LabCatalogue {
  const byName = new Map(labs.map((lab) => [lab.name, lab]));
  return {
    get: (name) => byName.get(name),
    all: () => labs,
    template: (name) => templates.get(name),
  };
}

/** The images of the labs' containers that have the same for all users. */
export function containerImages(labs: LabCatalogue): readonly string[] {
  return withSameImage(labs).map(({ container }) => container.image);
}

/** The labs whose container has the same image for all users: that of the others nobody knows before there is a user. */
export function withSameImage(labs: LabCatalogue): readonly LabDefinition[] {
  return labs.all().filter(({ name }) => labs.template(name)?.varies(['container', 'image']) !== true);
}

/** The same of the images of the clusters' nodes, where labs name their own. */
export function nodeImages(labs: LabCatalogue): readonly string[] {
  return labs
    .all()
    .filter(({ name }) => labs.template(name)?.varies(['cluster', 'image']) !== true)
    .flatMap(({ cluster }) => cluster?.image ?? []);
}
