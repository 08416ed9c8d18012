import type { GroupConfig } from '../config/factory-config.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import type { Groups } from '../groups/groups.ts';
import type { UserDescription, UserDirectory } from '../identity/describe-user.ts';
import type { LabAccess, LabDecision } from '../labs/lab-decision.ts';
import { NOTHING_GIVEN } from '../labs/lab-definition.ts';
import type { LabResolver } from '../labs/lab-resolver.ts';
import type { LabName } from '../names/lab-name.ts';
import { highestRole } from '../names/role.ts';
import type { Username } from '../names/username.ts';
import { isoTime } from '../status/part-status.ts';
import { type LabSetting, settingsOf } from './lab-settings.ts';
import { originOf, type Places } from './origins.ts';
import type { Setting, WhoReport } from './who-schema.ts';

export interface WhoOptions {
  readonly directory: UserDirectory;
  readonly groups: Groups;
  readonly labAccess: LabAccess;
  readonly labs: LabResolver;
  readonly places: () => Places;
}

/** Tells of a user. Rejects only with the signal's reason, when it is aborted. */
export type WhoIs = (user: Username, signal: AbortSignal) => Promise<WhoReport>;

export function createWhoIs(options: WhoOptions): WhoIs {
  return async (user, signal) => {
    const description = await options.directory.describe(user, signal);
    const decision = options.labAccess.resolve({ user, lab: undefined });
    const places = options.places();
    const { knowledge } = description;
    // "*" is everybody that a source knows.
    const isKnown = knowledge.kind !== 'unknown';
    const own = options.groups
      .all()
      .map((group, index) => ({ group, index }))
      .filter(({ group: { members } }) => members.includes(user) || (isKnown && members.includes('*')));
    const labs = own.length === 0 ? [] : labsIn(decision);
    return {
      user,
      login: loginOf(user, description, decision),
      source: { state: knowledge.kind, name: knowledge.kind === 'unknown' ? null : knowledge.source },
      keys:
        knowledge.kind === 'known'
          ? knowledge.keys.map(({ type, fingerprint }) => ({ type, fingerprint }))
          : [],
      account: accountOf(description),
      role: highestRole(own.map(({ group }) => group.role)),
      groups: own.map(({ group, index }) => ({
        name: group.name,
        role: group.role,
        through: throughOf(user, group, index, places),
      })),
      labs: labs.map((lab) => ({
        name: lab,
        is_default: decision.kind === 'lab' && decision.key.lab === lab,
        ...settingsFor(user, lab, own, options.labs, places),
      })),
    };
  };
}

/** Those that the user may use. */
function labsIn(decision: LabDecision): readonly LabName[] {
  switch (decision.kind) {
    case 'lab':
      return [decision.key.lab, ...decision.others];
    case 'choose':
      return decision.labs.map(({ name }) => name);
    case 'refused':
      return [];
  }
}

function loginOf(
  user: Username,
  { knowledge, account, reserved }: UserDescription,
  decision: LabDecision,
): WhoReport['login'] {
  const refused = (text: string) => ({ outcome: 'refused' as const, text });
  if (knowledge.kind === 'unknown') return refused(`No source knows a user ${user}, so a login is refused.`);
  const { source } = knowledge;
  if (knowledge.kind === 'unavailable') {
    return refused(
      `${source} does not answer now, and until it does a login is refused. (error ${knowledge.errorId})`,
    );
  }
  if (knowledge.keys.length === 0) return refused(`${source} lists no usable key, so a login is refused.`);
  if (reserved !== undefined) return refused(`With one of the keys a login is refused: ${reserved.message}`);
  if (account?.refused !== undefined) {
    return refused(
      `The name came back with another account, so a login is refused until: factory user accept ${user}`,
    );
  }
  switch (decision.kind) {
    case 'refused':
      return refused(`With one of the keys a login is refused: ${decision.message}`);
    case 'choose':
      return {
        outcome: 'choice',
        text: `With one of the keys a login that names no lab has the choice of ${labsIn(decision).join(', ')}.`,
      };
    case 'lab':
      return { outcome: 'lab', text: `With one of the keys a login leads to ${user}/${decision.key.lab}.` };
  }
}

function accountOf({ account }: UserDescription): WhoReport['account'] {
  if (account === undefined) return null;
  const { source, id = null, since, refused } = account;
  return {
    source,
    id,
    since: isoTime(since),
    refused: refused === undefined ? null : { id: refused.id, since: isoTime(refused.since) },
  };
}

type Through = WhoReport['groups'][number]['through'];

function throughOf(user: Username, { members, roster }: GroupConfig, index: number, places: Places): Through {
  const placeOf = (member: Username | '*') => {
    const at = members.indexOf(member);
    return at === -1 ? undefined : places.inConfiguration(['groups', index, 'members', at]);
  };
  const named = placeOf(user);
  const line = roster?.members.find((member) => member.user === user)?.line;
  const through: Through = [];
  if (named !== undefined) through.push({ by: 'name', place: named });
  if (roster !== undefined && line !== undefined) {
    through.push({ by: 'roster', place: { file: roster.file, line } });
  }
  if (members.includes('*')) through.push({ by: 'everybody', place: placeOf('*') ?? null });
  // Of a group that stands in no file.
  return through.length > 0 ? through : [{ by: 'name', place: null }];
}

function settingsFor(
  user: Username,
  name: LabName,
  own: Parameters<typeof originOf>[2],
  labs: LabResolver,
  places: Places,
): { readonly problem: string | null; readonly settings: Setting[] } {
  try {
    const lab = labs.resolve({ user, lab: name }, NOTHING_GIVEN);
    const settings = lab === undefined ? [] : settingsOf(lab);
    return { problem: null, settings: settings.map((setting) => told(name, setting, own, places)) };
  } catch (thrown) {
    return { problem: asFactoryError(thrown).message, settings: [] };
  }
}

function told(
  lab: LabName,
  { path, value }: LabSetting,
  own: Parameters<typeof originOf>[2],
  places: Places,
): Setting {
  const origin = originOf(lab, path, own, places);
  const written = origin.from === 'lab' ? places.writtenInLab(lab, path) : undefined;
  // What was made of a secret is one.
  const isSecret = written?.includes('secrets') === true;
  return { key: path.map(String).join('.'), value: isSecret ? written : value, ...origin };
}
