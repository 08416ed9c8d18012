import { createRestoreRecords, type RestoreRecords } from '../../backup/restore-records.ts';
import { type CreationRecords, createCreationRecords } from '../../clusters/k3d/creation/creation-records.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { createDockerEngine } from '../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { takeInventory, type WorkspaceInventory } from '../../inventory/inventory.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { clustersFolder } from '../clusters-folder.ts';
import { expectedInstanceId } from '../instance-id-file.ts';

/** What commands work on while no factory runs: whoever calls holds the lock of the data folder. */
export interface OfflineSite {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly data: string;
  readonly creations: CreationRecords;
  readonly restores: RestoreRecords;
}

/** Writes nothing. Rejects with `CONFIG_INVALID`. */
export async function openOfflineSite(data: string): Promise<OfflineSite> {
  return {
    engine: createDockerEngine(),
    instance: await expectedInstanceId(data),
    data,
    creations: createCreationRecords(clustersFolder(data)),
    restores: createRestoreRecords(data),
  };
}

export function inventoryOf({ engine, instance, creations }: OfflineSite, signal: AbortSignal) {
  return takeInventory(engine, instance, creations, signal);
}

/** The workspaces of these keys; all of them for none. Throws `WORKSPACE_UNKNOWN` for one that Docker has nothing of. */
export function chosenWorkspaces(
  data: string,
  workspaces: readonly WorkspaceInventory[],
  keys: readonly WorkspaceKey[],
): readonly WorkspaceInventory[] {
  if (workspaces.length === 0) {
    throw new FactoryError(
      'WORKSPACE_UNKNOWN',
      `The factory with the data folder ${data} has no workspaces; where yours has a configuration file, give it with --config.`,
    );
  }
  if (keys.length === 0) return workspaces;
  return keys.map((key) => {
    const text = formatWorkspaceKey(key);
    const found = workspaces.find((one) => formatWorkspaceKey(one.key) === text);
    if (found !== undefined) return found;
    const there = workspaces.map((one) => formatWorkspaceKey(one.key)).join(', ') || 'none';
    throw new FactoryError(
      'WORKSPACE_UNKNOWN',
      `There is no workspace ${text} in Docker. There are: ${there}.`,
    );
  });
}
