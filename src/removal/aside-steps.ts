import { type AsideCluster, createAsideRecords } from '../clusters/k3d/aside/aside-records.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { volumeStep } from './docker-steps.ts';
import type { RemovalStep } from './removal-step.ts';

/**
 * The removal of what was set aside of one workspace, or of all where `key` is undefined: the volumes, which have no label, and
 * last the record that tells of them. `folder`: the clusters' folder in the data folder.
 */
export async function asideSteps(
  { engine, folder }: { readonly engine: DockerEngine; readonly folder: string },
  key: WorkspaceKey | undefined,
): Promise<readonly RemovalStep[]> {
  const records = createAsideRecords(folder);
  const all = [...(await records.listPending()), ...(await records.listKept())];
  const wanted = key && formatWorkspaceKey(key);
  return all
    .filter((aside) => wanted === undefined || formatWorkspaceKey(aside.key) === wanted)
    .flatMap((aside) => [
      ...aside.volumes.map(({ volume }) => inWorkspace(aside, volumeStep(engine, volume))),
      inWorkspace(aside, {
        kind: 'file',
        name: `${aside.cluster}.set-aside.yaml`,
        remove: () => records.forgetAll(aside.cluster),
      }),
    ]);
}

function inWorkspace({ key }: AsideCluster, step: RemovalStep): RemovalStep {
  return { ...step, workspace: formatWorkspaceKey(key) };
}
