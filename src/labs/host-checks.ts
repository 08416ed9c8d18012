import { join } from 'node:path';
import type { LoadedConfig } from '../config/load-config.ts';
import { type Problem, ProblemsError } from '../config/problem.ts';
import type { LabName } from '../names/lab-name.ts';
import { counted } from '../words/amounts.ts';
import type { LabCatalogue } from './lab-catalogue.ts';
import { LAB_FILE } from './lab-folders.ts';
import { type SharedHost, sharedHosts } from './shared-hosts.ts';

type Loaded = Pick<LoadedConfig, 'config' | 'problemAt'>;

/** Throws `CONFIG_INVALID` where somebody may use two labs whose clusters have one host. `workingFolder`: what the files in messages are relative to. */
export function assertHostsApart(loaded: Loaded, labs: LabCatalogue, workingFolder: string): void {
  const { groups, domain } = loaded.config;
  const problems = sharedHosts({ labs, groups, domain }).map((shared) => problemOf(shared, loaded, labs));
  if (problems.length > 0) throw new ProblemsError('CONFIG_INVALID', problems, workingFolder);
}

/** Where a lab says its host, else where the later one of them is given to the user. */
function problemOf(shared: SharedHost, loaded: Loaded, labs: LabCatalogue): Problem {
  const [first, later] = shared.labs;
  const message = messageOf(shared);
  return (
    labs.template(later)?.problemAtHost(message) ??
    labs.template(first)?.problemAtHost(message) ??
    loaded.problemAt(entryOf(later, shared, loaded), message) ??
    loaded.problemAt(['labs'], message) ?? {
      file: join(labs.get(later)?.folder ?? '', LAB_FILE),
      line: 0,
      column: 0,
      key: '',
      message,
    }
  );
}

function messageOf({ labs: [first, later], host, user, others }: SharedHost): string {
  const more = others === 0 ? '' : ` and ${counted(others, 'other user')}`;
  const whom = user === '*' ? 'everybody' : `${user}${more}`;
  // The name of the later one may be what both have.
  const own = host.startsWith(`${later}.`) ? first : later;
  return `labs ${first} and ${later} have the same host for ${whom}; give one of them routes.host: "${own}.{{ username }}"`;
}

/** The entry in the list of a group that gives the lab to the user. */
function entryOf(lab: LabName, { user }: SharedHost, { config: { groups } }: Loaded) {
  const index = groups.findIndex(
    ({ members, labs }) => labs.includes(lab) && (members.includes(user) || members.includes('*')),
  );
  return ['groups', index, 'labs', groups[index]?.labs.indexOf(lab) ?? 0];
}
