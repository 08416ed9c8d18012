import type { GroupConfig } from '../config/factory-config.ts';
import { fixedGroups, type Groups } from '../groups/groups.ts';
import { standingOf } from '../groups/standing.ts';
import type { LabName } from '../names/lab-name.ts';
import type { Username } from '../names/username.ts';
import type { LabCatalogue } from './lab-catalogue.ts';
import { type LabDefinition, NOTHING_GIVEN } from './lab-definition.ts';
import { HOST } from './templates/render-texts.ts';
import { RenderTime } from './templates/render-time.ts';
import { SAMPLE_USER } from './templates/template-context.ts';

/** Two labs whose clusters would have one host. */
export interface SharedHost {
  /** In the order of the labs. */
  readonly labs: readonly [LabName, LabName];
  /** Below the factory's domain. */
  readonly host: string;
  /** Somebody who may use both; '*': whoever no group names. */
  readonly user: Username | '*';
  /** How many further users have the same. */
  readonly others: number;
}

export interface SharedHostsOptions {
  readonly labs: LabCatalogue;
  readonly groups: readonly GroupConfig[];
  /** The factory's. */
  readonly domain: string;
}

/**
 * Labs of one user with one host. Labs without a cluster have no Ingress, so they don't count; nor does a host that is below another one,
 * as the longer of two names has the request. It is looked at for each named member, as templates may tell them apart, and for a made-up name that stands
 * for everybody. It takes `RenderTime` at most: of those whose turn does not come, and of names that nobody knows before they log in, the
 * routes decide (`hostRoutes`).
 */
export function sharedHosts({ labs, groups: list, domain }: SharedHostsOptions): readonly SharedHost[] {
  const withCluster = labs.all().filter(({ cluster }) => cluster !== undefined);
  if (withCluster.length < 2) return [];
  const groups = fixedGroups(list);
  const time = new RenderTime();
  const found = new Map<string, SharedHost>();
  for (const member of membersOf(list)) {
    if (time.isOver) break;
    const user = member === '*' ? SAMPLE_USER : member;
    const hosts = hostsFor(user, usableBy(user, withCluster, groups), { labs, groups, domain, time });
    for (const shared of repeatedIn(hosts)) {
      const pair = shared.labs.join('/');
      const before = found.get(pair);
      found.set(
        pair,
        before ? { ...before, others: before.others + 1 } : { ...shared, user: member, others: 0 },
      );
    }
  }
  return [...found.values()];
}

/** Each once, everybody first. */
function membersOf(groups: readonly GroupConfig[]): ReadonlySet<Username | '*'> {
  const all = new Set(groups.flatMap(({ members }) => members));
  return all.has('*') ? new Set(['*', ...all]) : all;
}

function usableBy(
  user: Username,
  labs: readonly LabDefinition[],
  groups: Pick<Groups, 'of'>,
): readonly LabName[] {
  const own = new Set(groups.of(user).flatMap((group) => group.labs));
  return labs.map(({ name }) => name).filter((name) => own.has(name));
}

interface Site extends Pick<SharedHostsOptions, 'labs' | 'domain'> {
  readonly groups: Groups;
  readonly time: RenderTime;
}

type LabHost = readonly [LabName, string];

/** Of the labs that are valid for the user. */
function hostsFor(
  user: Username,
  own: readonly LabName[],
  { labs, groups, domain, time }: Site,
): readonly LabHost[] {
  if (own.length < 2) return [];
  const context = { ...standingOf(user, groups), user, domain, given: NOTHING_GIVEN };
  return own.flatMap((name): readonly LabHost[] => {
    const template = labs.template(name);
    const host = template?.varies(HOST) ? template.host(context, time) : user;
    return host === undefined ? [] : [[name, host]];
  });
}

function repeatedIn(hosts: readonly LabHost[]): ReadonlyArray<Pick<SharedHost, 'labs' | 'host'>> {
  const first = new Map<string, LabName>();
  return hosts.flatMap(([name, host]) => {
    const before = first.get(host);
    if (before !== undefined) return [{ labs: [before, name] as const, host }];
    first.set(host, name);
    return [];
  });
}
