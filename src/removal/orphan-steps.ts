import type { CreationRecords } from '../clusters/k3d/creation/creation-records.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceInventory } from '../inventory/inventory.ts';
import type { Orphan } from '../inventory/orphans.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { containerStep, networkStep, volumeStep } from './docker-steps.ts';
import type { RemovalStep } from './removal-step.ts';
import { clusterSteps } from './workspace-steps.ts';

export interface OrphanRemovalParts {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly records: CreationRecords;
  readonly workspaces: readonly WorkspaceInventory[];
  removeRoute(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  /** Of a cluster that was set aside. */
  removeState(cluster: string, signal: AbortSignal): Promise<void>;
  hangUp(container: string, mark: string, signal: AbortSignal): Promise<void>;
  /** Asked once more before each removal. */
  isStillOrphan(orphan: Orphan): boolean;
}

/** The removal of one orphan. It is refused where somebody has come to the workspace since it was found. */
export function orphanStep(parts: OrphanRemovalParts, orphan: Orphan): RemovalStep {
  const step = stepOf(parts, orphan);
  const workspace = orphan.key === undefined ? {} : { workspace: formatWorkspaceKey(orphan.key) };
  return {
    ...step,
    ...workspace,
    async remove(signal) {
      if (!parts.isStillOrphan(orphan)) {
        throw new FactoryError('WORKSPACE_IN_USE', 'Somebody has come to its workspace, so it stays.');
      }
      await step.remove(signal);
    },
  };
}

function stepOf(parts: OrphanRemovalParts, { kind, name, key, parts: [first = ''] }: Orphan): RemovalStep {
  const { engine, records } = parts;
  switch (kind) {
    case 'container':
      return containerStep(engine, name);
    case 'network':
      return networkStep(engine, name);
    case 'volume':
    case 'home':
      return volumeStep(engine, name);
    case 'cluster':
      return clusterStep(parts, name, key);
    case 'record':
      return { kind, name, remove: () => records.remove(name) };
    case 'route':
      return { kind, name, remove: async (signal) => key && (await parts.removeRoute(key, signal)) };
    case 'state':
      return { kind, name, remove: (signal) => parts.removeState(name, signal) };
    case 'terminal':
      return { kind, name, remove: (signal) => parts.hangUp(first, name, signal) };
  }
}

function clusterStep(parts: OrphanRemovalParts, name: string, key: WorkspaceKey | undefined): RemovalStep {
  const own = parts.workspaces.find((one) => key && formatWorkspaceKey(one.key) === formatWorkspaceKey(key));
  const [step] = own === undefined ? [] : clusterSteps(parts, own);
  return step ?? { kind: 'cluster', name, remove: async () => {} };
}
