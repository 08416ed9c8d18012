import { createCreationRecords } from '../clusters/k3d/creation/creation-records.ts';
import type { GarbageCollector } from '../control/garbage-schema.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { clustersFolder } from './clusters-folder.ts';
import { createGarbageCollector, type GarbageSite } from './garbage.ts';
import { asideStates } from './offline/aside-states.ts';

export interface LiveGarbageOptions extends Pick<GarbageSite, 'circumstances' | 'known' | 'routes'> {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  /** The data folder. */
  readonly data: string;
  /** The terminals that sessions hold now. */
  readonly openTerminals: ReadonlySet<string>;
}

/** Beside controllers that go on. */
export function createLiveGarbage(options: LiveGarbageOptions): GarbageCollector {
  const { engine, instance, data, circumstances, known, routes, openTerminals } = options;
  return createGarbageCollector({
    engine,
    instance,
    creations: createCreationRecords(clustersFolder(data)),
    circumstances,
    known,
    isTerminalOpen: (mark) => openTerminals.has(mark),
    routes,
    aside: asideStates({ engine, instance, folder: clustersFolder(data) }),
  });
}
