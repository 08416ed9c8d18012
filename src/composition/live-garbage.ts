import type { Controllers } from '../backend/backend.ts';
import { createCreationRecords } from '../clusters/k3d/creation/creation-records.ts';
import type { GarbageCollector } from '../control/garbage-schema.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import type { Circumstances } from '../inventory/orphans.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { PartSnapshot, WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import { asideStates } from './aside-states.ts';
import { clustersFolder } from './clusters-folder.ts';
import { createGarbageCollector } from './garbage.ts';

export interface LiveGarbageOptions {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  /** The data folder. */
  readonly data: string;
  readonly controllers: Controllers;
  /** The terminals that sessions hold now. */
  readonly openTerminals: ReadonlySet<string>;
}

/** Beside controllers that go on: whatever they have a part, a session or a step of is let alone. */
export function createLiveGarbage(options: LiveGarbageOptions): GarbageCollector {
  const { engine, instance, data } = options;
  const { workspaces, routes } = options.controllers;
  const known = (): readonly WorkspaceKey[] => workspaces.snapshots().map(({ key }) => key);
  return createGarbageCollector({
    engine,
    instance,
    creations: createCreationRecords(clustersFolder(data)),
    circumstances: () => circumstancesOf(workspaces.snapshots(), Date.now()),
    known,
    isTerminalOpen: (mark) => options.openTerminals.has(mark),
    routes: {
      // Those of workspaces without a controller went at the start.
      keys: () => known().filter((key) => routes.current(key) !== undefined),
      remove: (key, signal) => routes.remove(key, signal),
    },
    aside: asideStates({ engine, instance, folder: clustersFolder(data) }),
  });
}

/** What the controllers know now. `now`: ms since the epoch. */
export function circumstancesOf(snapshots: readonly WorkspaceSnapshot[], now: number): Circumstances {
  const byName = new Map(snapshots.map((snapshot) => [formatWorkspaceKey(snapshot.key), snapshot]));
  const partsOf = (key: WorkspaceKey): readonly PartSnapshot[] => {
    const found = byName.get(formatWorkspaceKey(key));
    if (found === undefined) return [];
    return found.cluster === undefined ? [found.container] : [found.container, found.cluster];
  };
  const isWorking = (key: WorkspaceKey) => partsOf(key).some(({ phase }) => phase.kind === 'working');
  return {
    now,
    makers: 'known',
    isWorking,
    isLive: (key) =>
      isWorking(key) ||
      (byName.get(formatWorkspaceKey(key))?.leases.length ?? 0) > 0 ||
      // Where nobody has looked yet there may be anything.
      partsOf(key).some(({ observed }) => observed?.state !== 'absent'),
  };
}
