import type { GroupConfig, LabOverrides } from '../config/factory-config.ts';
import type { Path } from '../config/yaml-document.ts';
import type { LabName } from '../names/lab-name.ts';
import type { Place, Setting } from './who-schema.ts';

/** Where in the files that are in force something is written; undefined: nowhere, so that a default counts. */
export interface Places {
  inConfiguration(path: Path): Place | undefined;
  inLab(lab: LabName, path: Path): Place | undefined;
  /** The text at `path` of the lab's file as it is written, with its templates. */
  writtenInLab(lab: LabName, path: Path): string | undefined;
}

/** Who set a setting of a lab for the members of `groups`; the same order as in `withOverrides`. */
export function originOf(
  lab: LabName,
  path: Path,
  groups: ReadonlyArray<{ readonly index: number; readonly group: GroupConfig }>,
  places: Places,
): Pick<Setting, 'from' | 'group' | 'place'> {
  const by = groups.find(({ group }) => group.labs.includes(lab) && sets(group.overrides, path));
  if (by !== undefined) {
    const place = places.inConfiguration(['groups', by.index, 'overrides', ...pathInOverrides(path)]) ?? null;
    return { from: 'group', group: by.group.name, place };
  }
  const inLab = places.inLab(lab, path);
  if (inLab !== undefined) return { from: 'lab', group: null, place: inLab };
  // The configuration has times of its own for labs that say nothing.
  const inConfiguration = path[0] === 'lifecycle' ? places.inConfiguration(path) : undefined;
  if (inConfiguration !== undefined) return { from: 'configuration', group: null, place: inConfiguration };
  return { from: 'default', group: null, place: null };
}

function sets({ env, container, cluster, lifecycle }: LabOverrides, path: Path): boolean {
  const [part, section, name] = path;
  if (part === 'lifecycle') return has(lifecycle, section);
  if (part === 'container' && section === 'env') return has(env, name);
  if (section !== 'limits') return false;
  return has(part === 'container' ? container : cluster, name);
}

function has(values: object, key: PropertyKey | undefined): boolean {
  return key !== undefined && Object.hasOwn(values, key) && Reflect.get(values, key) !== undefined;
}

/** Variables stand at the top there. */
function pathInOverrides(path: Path): Path {
  return path[1] === 'env' ? path.slice(1) : path;
}
