import { type InstanceObject, instanceObjects } from '../../inventory/instance-objects.ts';
import type { LabName } from '../../names/lab-name.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { counted } from '../../words/amounts.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, together } from '../judgement.ts';

/** While a factory runs it may be just making what is younger than this; ms. */
const YOUNG = 600_000;

export const leftovers: Check = {
  needs: 'engine',
  limit: 15_000,
  look: async (site, { engine }, signal) => {
    const isRunning = site.isRunning();
    const [objects, records] = await Promise.all([
      instanceObjects(engine, site.instance, signal),
      site.creations(),
    ]);
    const latest = Date.now() - (isRunning ? YOUNG : 0);
    return judgeLeftovers(
      objects.filter(({ madeAt }) => !(madeAt > latest)),
      objects,
      // The creations of a factory that runs are its own business.
      isRunning ? [] : records,
      (lab) => site.labs.get(lab) !== undefined,
    );
  },
};

/** `settled`: those of `objects` that nobody is making any more. `records`: the clusters whose creation was cut off. */
export function judgeLeftovers(
  settled: readonly InstanceObject[],
  objects: readonly InstanceObject[],
  records: readonly WorkspaceKey[],
  isOffered: (lab: LabName) => boolean,
): Judgement {
  const workspaces = new Set(objects.filter(isWorkspace).flatMap(({ key }) => nameOf(key) ?? []));
  const judgements = [
    ...settled.map((object) => judgeObject(object, workspaces, isOffered)),
    ...records.map(judgeRecord),
  ];
  return together(judgements, `none beside ${counted(workspaces.size, 'workspace')}`);
}

/** A workspace is there as long as its container or its cluster is. */
function isWorkspace({ role }: InstanceObject): boolean {
  return role === 'container' || role === 'node';
}

function nameOf(key: WorkspaceKey | undefined): string | undefined {
  return key === undefined ? undefined : formatWorkspaceKey(key);
}

function judgeObject(
  { kind, name, role, key }: InstanceObject,
  workspaces: ReadonlySet<string>,
  isOffered: (lab: LabName) => boolean,
): Judgement {
  if (role === 'traefik') return right(name);
  const remove = `docker ${kind} rm ${kind === 'container' ? '--force --volumes ' : ''}${name}`;
  if (key === undefined) return doubtful(`the ${kind} ${name} belongs to no workspace`, remove);
  const workspace = formatWorkspaceKey(key);
  if (workspaces.has(workspace)) {
    if (role !== 'container' || isOffered(key.lab)) return right(name);
    return doubtful(`${workspace} is there, and no lab "${key.lab}" is configured`, remove);
  }
  if (role === 'home') {
    return doubtful(
      `the home of ${workspace} has no container; its next login uses it`,
      `${remove}   # with all files of ${key.user} in it`,
    );
  }
  return doubtful(`the ${kind} ${name} is left of ${workspace}`, remove);
}

function judgeRecord(key: WorkspaceKey): Judgement {
  return doubtful(
    `the making of the cluster of ${formatWorkspaceKey(key)} was cut off`,
    './factory serve   # its start takes what is left away',
  );
}
