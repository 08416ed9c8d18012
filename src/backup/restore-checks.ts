import { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceInventory } from '../inventory/inventory.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey } from '../names/workspace-key.ts';
import type { Backup } from './backup-folder.ts';
import type { BackupManifest } from './backup-manifest.ts';
import type { RestoreScope } from './restore-workspace.ts';

/** Rejects with `BACKUP_INVALID` where the backup does not have what is asked for, or is of another factory. */
export function assertRestorable(manifest: BackupManifest, instance: InstanceId, scope: RestoreScope): void {
  const name = formatWorkspaceKey(manifest);
  if (scope === 'home' && !manifest.home) {
    throw new FactoryError('BACKUP_INVALID', `The backup of ${name} has no home; leave out --home-only.`);
  }
  if (scope === 'home' || manifest.cluster === undefined || manifest.instance === instance) return;
  throw new FactoryError(
    'BACKUP_INVALID',
    `The backup of ${name} is of the factory ${manifest.instance} and this one is ${instance}, and the names and certificates of a cluster hold only in its own: restore with that factory's data folder, or the home alone with --home-only.`,
  );
}

/** Rejects with `BACKUP_INVALID` where two of the backups are of one workspace. */
export function assertDistinct(backups: readonly Backup[]): void {
  const names = backups.map(({ manifest }) => formatWorkspaceKey(manifest));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new FactoryError('BACKUP_INVALID', `Two of the backups are of ${twice}; name one of them.`);
}

/** Rejects with `WORKSPACE_EXISTS` where `scope` would take the place of something. */
export function assertAbsent(workspace: WorkspaceInventory, scope: RestoreScope): void {
  const { nodes, clusterNetworks, clusterVolumes, containers, networks, volumes } = workspace;
  const cluster = [...nodes, ...clusterNetworks, ...clusterVolumes];
  const inTheWay = [...containers, ...networks, ...volumes, ...(scope === 'all' ? cluster : [])];
  if (inTheWay.length === 0) return;
  const name = formatWorkspaceKey(workspace.key);
  throw new FactoryError(
    'WORKSPACE_EXISTS',
    `The workspace ${name} is there already; with --replace the backup takes its place, and what is there now is lost.`,
  );
}
