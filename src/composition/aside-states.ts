import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { GarbageSite } from './garbage.ts';

/** The states of clusters that were set aside, for the garbage collector. `folder`: the clusters' in the data folder. */
export function asideStates(_site: {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly folder: string;
}): GarbageSite['aside'] {
  return { list: async () => [], remove: async () => {} };
}
