import { type ClusterLogs, readClusterLogs } from '../../clusters/k3d/cluster-logs.ts';
import { createDockerEngine } from '../../docker-engine/docker-engine.ts';
import { clusterLogFolder } from '../../logging/log-files.ts';
import { dockerNames } from '../../names/docker-names.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { readInstanceId } from '../instance-id-file.ts';

export type { ClusterLogs as WorkspaceLogs } from '../../clusters/k3d/cluster-logs.ts';

/**
 * What the cluster of a workspace says, and said when it last failed; undefined where no factory has used the data folder.
 * Needs no factory that runs. Rejects as `readClusterLogs` and `readInstanceId` do.
 */
export async function readWorkspaceLogs(
  { data, key, lines }: { readonly data: string; readonly key: WorkspaceKey; readonly lines: number },
  signal: AbortSignal,
): Promise<ClusterLogs | undefined> {
  const instance = await readInstanceId(data);
  if (instance === undefined) return undefined;
  const { cluster } = dockerNames(instance, key);
  return readClusterLogs(
    { engine: createDockerEngine(), cluster, folder: clusterLogFolder(data), lines },
    signal,
  );
}
