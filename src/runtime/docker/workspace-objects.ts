import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { type DockerNames, dockerNames } from '../../names/docker-names.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';

/** One workspace's Docker objects on one engine. */
export interface WorkspaceObjects {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly key: WorkspaceKey;
  readonly names: DockerNames;
}

export function workspaceObjects(
  engine: DockerEngine,
  instance: InstanceId,
  key: WorkspaceKey,
): WorkspaceObjects {
  return { engine, instance, key, names: dockerNames(instance, key) };
}
