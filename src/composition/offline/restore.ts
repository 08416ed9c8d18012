import { type Backup, findBackups, verifyArchives } from '../../backup/backup-folder.ts';
import { assertAbsent, assertDistinct, assertRestorable } from '../../backup/restore-checks.ts';
import { type RestoreScope, type RestoreSite, restoreWorkspace } from '../../backup/restore-workspace.ts';
import { assertSubnetFree } from '../../clusters/k3d/network/make-network.ts';
import { fixedGroups } from '../../groups/groups.ts';
import { createImageStore } from '../../images/image-store.ts';
import type { WorkspaceInventory } from '../../inventory/inventory.ts';
import { dockerNames } from '../../names/docker-names.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { workspaceSteps } from '../../removal/workspace-steps.ts';
import { traefikLabels } from '../../routing/traefik-labels.ts';
import type { Progress } from '../../workspaces/ports/progress.ts';
import { keepInstanceId, readInstanceId } from '../instance-id-file.ts';
import { openLabs } from '../open-labs.ts';
import type { StartRequest } from '../start-request.ts';
import { openBackupSite } from './backup.ts';
import { inventoryOf, type OfflineSite, openOfflineSite } from './offline-site.ts';

export interface RestoreRequest {
  /** Whose data folder's lock the caller holds. */
  readonly config: StartRequest['config'];
  readonly labs: StartRequest['labs'];
  /** Backups, or folders that hold some; absolute paths. */
  readonly folders: readonly string[];
  readonly scope: RestoreScope;
  /** Takes away what there is of a workspace first. */
  readonly replace: boolean;
  /** Where set-up says which images are on their way; absolute. */
  readonly setupFile: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Restores workspaces one after the other; `onRestored` hears of each. Whatever can be known to be wrong is found before
 * the first change. Rejects with `BACKUP_INVALID`, `WORKSPACE_EXISTS`, `SUBNET_TAKEN`, `IMAGE_UNAVAILABLE`, and what
 * Docker fails with; a restore that was begun and did not end is finished by the same request again.
 */
export async function restore(
  request: RestoreRequest,
  onRestored: (key: WorkspaceKey) => void,
): Promise<void> {
  const { scope, signal } = request;
  const backups = (await Promise.all(request.folders.map(findBackups))).flat();
  assertDistinct(backups);
  const site = await openSiteOf(request.config.data, backups, signal);
  for (const { manifest } of backups) assertRestorable(manifest, site.instance, scope);
  const { workspaces } = await inventoryOf(site, signal);
  const there = new Map(workspaces.map((one) => [formatWorkspaceKey(one.key), one]));
  for (const backup of backups) {
    await check(site, backup, there.get(formatWorkspaceKey(backup.manifest)), request);
  }
  await keepInstanceId(site.data, site.instance);
  const restoreSite = await openRestoreSite(site, request);
  for (const backup of backups) {
    const name = formatWorkspaceKey(backup.manifest);
    const tell = (step: string) => request.progress(`${name}: ${step}`);
    await site.restores.add(backup.manifest);
    await removeOld(site, there.get(name), scope, tell, signal);
    await restoreWorkspace(restoreSite, backup, scope, tell, signal);
    await site.restores.remove(backup.manifest);
    onRestored(backup.manifest);
  }
}

/** Before the first change: everything that one backup needs. */
async function check(
  site: OfflineSite,
  backup: Backup,
  found: WorkspaceInventory | undefined,
  { scope, replace, setupFile, progress, signal }: RestoreRequest,
): Promise<void> {
  const { manifest } = backup;
  const unfinished = await site.restores.has(manifest);
  if (found !== undefined && !replace && !unfinished) assertAbsent(found, scope);
  progress(`${formatWorkspaceKey(manifest)}: checking the backup`);
  await verifyArchives(backup, signal);
  if (scope === 'home' || manifest.cluster === undefined) return;
  const { clusterNetwork } = dockerNames(site.instance, manifest);
  await assertSubnetFree(site.engine, manifest.cluster.subnet, clusterNetwork, signal);
  const images = createImageStore({ engine: site.engine, setupFile });
  for (const { image } of manifest.cluster.nodes) await images.ensure(image, progress, signal);
}

/** A data folder that no factory has used yet, of which Docker knows nothing either, becomes that of the backups. */
async function openSiteOf(
  data: string,
  backups: readonly Backup[],
  signal: AbortSignal,
): Promise<OfflineSite> {
  const site = await openOfflineSite(data);
  const [first] = backups;
  if (first === undefined || (await readInstanceId(data)) !== undefined) return site;
  const { workspaces } = await inventoryOf(site, signal);
  return workspaces.length > 0 ? site : { ...site, instance: first.manifest.instance };
}

async function openRestoreSite(
  site: OfflineSite,
  { config, labs, signal }: RestoreRequest,
): Promise<RestoreSite> {
  const { hostOf } = openLabs({ config, labs }, fixedGroups(config.groups));
  return {
    ...(await openBackupSite(site, signal)),
    firstServerLabels: (key) => traefikLabels(site.instance, key, hostOf(key)),
  };
}

async function removeOld(
  { engine, instance, creations }: OfflineSite,
  found: WorkspaceInventory | undefined,
  scope: RestoreScope,
  tell: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (found === undefined) return;
  tell('removing what is there');
  const parts = { engine, instance, records: creations };
  for (const step of workspaceSteps(parts, found, { cluster: scope === 'all', home: true })) {
    await step.remove(signal);
  }
}
