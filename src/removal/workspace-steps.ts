import type { CreationRecords } from '../clusters/k3d/creation/creation-records.ts';
import { removeCluster } from '../clusters/k3d/removal.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { workspaceLabels } from '../docker-engine/workspace-labels.ts';
import type { WorkspaceInventory } from '../inventory/inventory.ts';
import { dockerNames } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey } from '../names/workspace-key.ts';
import { containerStep, networkStep, volumeStep } from './docker-steps.ts';
import type { RemovalStep } from './removal-step.ts';

export interface WorkspaceRemovalParts {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly records: CreationRecords;
}

/** What of a workspace is taken away; the lab container always is. */
export interface WorkspaceRemovalScope {
  readonly cluster: boolean;
  readonly home: boolean;
}

/**
 * The removal of one workspace. The cluster goes first: what k3d made for it has no label of ours and is found by the
 * workspace's name, which its other objects keep until then.
 */
export function workspaceSteps(
  parts: WorkspaceRemovalParts,
  workspace: WorkspaceInventory,
  scope: WorkspaceRemovalScope,
): readonly RemovalStep[] {
  const { engine } = parts;
  const steps = [
    ...(scope.cluster ? clusterSteps(parts, workspace) : []),
    ...workspace.containers.map((name) => containerStep(engine, name)),
    ...workspace.networks.map((name) => networkStep(engine, name)),
    ...(scope.home ? workspace.volumes.map((name) => volumeStep(engine, name)) : []),
  ];
  return steps.map((step) => ({ ...step, workspace: formatWorkspaceKey(workspace.key) }));
}

/** The removal of what there is of a workspace's cluster, finished or not; none where there is nothing. */
export function clusterSteps(
  { engine, instance, records }: WorkspaceRemovalParts,
  { key, nodes, clusterNetworks, clusterVolumes }: WorkspaceInventory,
): readonly RemovalStep[] {
  const parts = [...nodes.map(({ name }) => name), ...clusterNetworks, ...clusterVolumes];
  if (parts.length === 0) return [];
  const names = dockerNames(instance, key);
  return [
    {
      kind: 'cluster',
      name: names.cluster,
      parts,
      async remove(signal) {
        // The nodes may be all that tells whose network and volume these are: a removal that is cut off must find them again.
        await records.writeRemoval(names.cluster, workspaceLabels(instance, key, 'node'));
        await removeCluster(engine, names, signal);
        await records.remove(names.cluster);
      },
    },
  ];
}
