import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Username } from '../../names/username.ts';
import type { ConfigDraft } from '../config-draft.ts';
import type { Problem } from '../problem.ts';
import { type ReservedNames, reservedNames } from '../reserved-names.ts';
import type { Rosters } from '../rosters/read-rosters.ts';
import { identitySource } from '../schema.ts';
import { group } from '../sections/group.ts';
import { reservedNames as reservedField } from '../sections/routes.ts';
import { ownHosts } from './own-hosts.ts';

/**
 * Users that the configuration knows, and whose names are reserved: nobody of such a name gets in. `owner`: who the only user is where the
 * file says nothing of users. Never rejects.
 */
export async function reservedNameProblems(
  draft: ConfigDraft,
  rosters: Rosters['of'],
  owner: Username,
): Promise<readonly Problem[]> {
  const names = namesOf(draft);
  if (names.size === 0) return [];
  return [
    ...memberProblems(draft, names),
    ...rosterProblems(rosters, names),
    ...(await keyFileProblems(draft, names)),
    ...ownerProblems(draft, names, owner),
  ];
}

function namesOf(draft: ConfigDraft): ReservedNames {
  const { domain, webHost } = ownHosts(draft);
  const [reserved] = draft.item(reservedField, ['routes', 'reserved']);
  if (domain === undefined || webHost === undefined) return new Map();
  return reservedNames({ domain, webHost, reserved: reserved?.value ?? [] });
}

function memberProblems(draft: ConfigDraft, names: ReservedNames): readonly Problem[] {
  return draft.items(group, ['groups']).flatMap(({ path, value: { members = [] } }) =>
    members.flatMap((member, index) => {
      const key = names.get(member);
      if (key === undefined) return [];
      return [draft.document.problemAt([...path, 'members', index], `"${member}" ${takenBy(key)}`)];
    }),
  );
}

function rosterProblems(rosters: Rosters['of'], names: ReservedNames): readonly Problem[] {
  return [...rosters.values()].flatMap(({ file, members }) =>
    members.flatMap(({ user, line, column }) => {
      const key = names.get(user);
      return key === undefined ? [] : [{ file, line, column, key: '', message: `"${user}" ${takenBy(key)}` }];
    }),
  );
}

/** Where everybody may come in whom a source knows, those with a file of keys are known. */
async function keyFileProblems(draft: ConfigDraft, names: ReservedNames): Promise<readonly Problem[]> {
  const isForAll = draft.items(group, ['groups']).some(({ value }) => value.members?.includes('*'));
  if (draft.has(['groups']) && !isForAll) return [];
  const found = draft.items(identitySource, ['identity']).flatMap(({ path, value: { files } }) =>
    files === undefined
      ? []
      : [...names].map(async ([name, key]) => {
          if (!(await isThere(join(draft.absolute(files), `${name}.keys`)))) return [];
          const message = `has ${name}.keys, and "${name}" ${takenBy(key)}`;
          return [draft.document.problemAt([...path, 'files'], message)];
        }),
  );
  return (await Promise.all(found)).flat();
}

function ownerProblems(draft: ConfigDraft, names: ReservedNames, owner: Username): readonly Problem[] {
  const key = names.get(owner);
  if (key === undefined || draft.has(['groups']) || draft.has(['identity'])) return [];
  const message = `has the name of who runs the factory, ${owner}, and nobody else is let in; take another name`;
  return [draft.document.problemAt(key.split('.'), message)];
}

function takenBy(key: string): string {
  return `is reserved by ${key}, so no user has that name; take another`;
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
