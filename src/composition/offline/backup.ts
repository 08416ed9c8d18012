import { assertNoBackups, backUpWorkspace, type MadeBackup } from '../../backup/back-up-workspace.ts';
import type { BackupSite } from '../../backup/backup-site.ts';
import { makeFolder } from '../../data-folder/make-folder.ts';
import { removeHelpers } from '../../docker-engine/volume-access.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { anyPresentImage } from '../../images/present-image.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { Progress } from '../../workspaces/ports/progress.ts';
import { chosenWorkspaces, inventoryOf, type OfflineSite, openOfflineSite } from './offline-site.ts';

export interface BackupRequest {
  /** The data folder, whose lock the caller holds. */
  readonly data: string;
  /** None: all workspaces. */
  readonly keys: readonly WorkspaceKey[];
  /** An absolute path; made where it is missing. */
  readonly into: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Backs up workspaces one after the other; `onMade` hears of each as soon as it is whole. Rejects with
 * `WORKSPACE_UNKNOWN`, `BACKUP_UNWRITABLE`, and what Docker fails with.
 */
export async function backUp(request: BackupRequest, onMade: (backup: MadeBackup) => void): Promise<void> {
  const { keys, into, progress, signal } = request;
  const site = await openOfflineSite(request.data);
  const { workspaces } = await inventoryOf(site, signal);
  const chosen = chosenWorkspaces(site.data, workspaces, keys);
  await assertNoBackups(
    chosen.map(({ key }) => key),
    into,
  );
  await makeTarget(into);
  const backupSite = await openBackupSite(site, signal);
  for (const workspace of chosen) {
    const name = formatWorkspaceKey(workspace.key);
    const tell = (step: string) => progress(`${name}: ${step}`);
    onMade(await backUpWorkspace(backupSite, workspace, into, tell, signal));
  }
}

/** Rejects with `IMAGE_UNAVAILABLE` where Docker has no image at all. */
export async function openBackupSite(
  { engine, instance }: OfflineSite,
  signal: AbortSignal,
): Promise<BackupSite> {
  await removeHelpers(engine, instance, signal);
  return { engine, instance, helperImage: await anyPresentImage(engine, signal) };
}

async function makeTarget(into: string): Promise<void> {
  try {
    await makeFolder(into);
  } catch (cause) {
    throw new FactoryError(
      'BACKUP_UNWRITABLE',
      'The folder given with --to can not be made; mend its rights or give another one.',
      { cause, detail: String(cause) },
    );
  }
}
