import type { LabName } from '../../names/lab-name.ts';
import { type ConfigDraft, itemsAt } from '../config-draft.ts';
import type { FoundLabs, LabFinder } from '../lab-finder.ts';
import type { LabPolicy } from '../lab-policy.ts';
import type { Problem } from '../problem.ts';
import { group } from '../sections/group.ts';
import { path as pathValue } from '../values.ts';
import type { Path } from '../yaml-document.ts';
import { unknownPolicyLabs } from './lab-policy-checks.ts';

interface FoundFolder {
  readonly path: Path;
  readonly found: FoundLabs;
}

export interface LabChecks {
  /** The names of all labs, in the order of the folders. */
  readonly names: readonly LabName[];
  readonly problems: readonly Problem[];
}

/** The labs folders themselves, the labs in them, and the groups' labs held against both. */
export async function checkLabs(
  draft: ConfigDraft,
  defaultFolder: string,
  findLabs: LabFinder,
  policy: LabPolicy,
): Promise<LabChecks> {
  const folders = draft.has(['labs'])
    ? draft.items(pathValue, ['labs']).map(({ path, value }) => ({ path, value: draft.absolute(value) }))
    : [{ path: ['labs'], value: defaultFolder }];
  const distinct = folders.filter(
    ({ value }, index) => folders.findIndex((other) => other.value === value) === index,
  );
  const found = await Promise.all(
    distinct.map(async ({ path, value }) => ({ path, found: await findLabs(value, policy) })),
  );
  const names = found.flatMap((folder) => folder.found.names);
  return {
    names,
    problems: [
      ...draft.repeated(folders, 'is the same folder as one above; keep one'),
      ...found.flatMap((folder) => folderProblems(draft, folder)),
      ...definedTwice(draft, found),
      ...unknownLabs(draft, names, 'no labs folder has a lab'),
      ...defaultsOfOthers(draft, names),
      ...unknownPolicyLabs(draft, names),
    ],
  };
}

/** The groups' labs held against those that a running factory has. */
export function checkLoadedLabs(draft: ConfigDraft, names: readonly LabName[]): LabChecks {
  const lacking = 'this factory was started without a lab';
  return { names, problems: [...unknownLabs(draft, names, lacking), ...defaultsOfOthers(draft, names)] };
}

function folderProblems(draft: ConfigDraft, { path, found }: FoundFolder): readonly Problem[] {
  if (found.mistake === undefined) return found.problems;
  return [...found.problems, draft.document.problemAt(path, found.mistake)];
}

function definedTwice(draft: ConfigDraft, folders: readonly FoundFolder[]): readonly Problem[] {
  return folders.flatMap(({ path, found }, index) => {
    const before = new Set(folders.slice(0, index).flatMap((folder) => folder.found.names));
    return found.names
      .filter((name) => before.has(name))
      .map((name) =>
        draft.document.problemAt(path, `has a lab "${name}", as a folder above has; rename one`),
      );
  });
}

function unknownLabs(draft: ConfigDraft, names: readonly LabName[], lacking: string): readonly Problem[] {
  const there = names.length === 0 ? 'there is none' : `there are: ${names.join(', ')}`;
  return draft
    .items(group, ['groups'])
    .flatMap(({ path, value }) => itemsAt([...path, 'labs'], value.labs ?? []))
    .filter(({ value }) => !names.includes(value))
    .map(({ path, value }) => draft.document.problemAt(path, `${lacking} "${value}"; ${there}`));
}

/** A default lab that its group may not use. */
function defaultsOfOthers(draft: ConfigDraft, names: readonly LabName[]): readonly Problem[] {
  return draft.items(group, ['groups']).flatMap(({ path, value }) => {
    const { labs = names, default_lab: defaultLab } = value;
    if (defaultLab === undefined || labs.includes(defaultLab)) return [];
    const there = labs.length === 0 ? 'it has none' : `it has: ${labs.join(', ')}`;
    return [draft.document.problemAt([...path, 'default_lab'], `is no lab of this group; ${there}`)];
  });
}
