import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { sumOf } from './archive-file.ts';
import { type BackupManifest, parseManifest } from './backup-manifest.ts';

export const MANIFEST = 'backup.json';

/** A backup that is there and can be read. */
export interface Backup {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: BackupManifest;
}

/** The name of a workspace's backup; neither part holds a dot. */
export function backupName({ user, lab }: WorkspaceKey): string {
  return `${user}.${lab}`;
}

/** Rejects with `BACKUP_INVALID`. */
export async function openBackup(folder: string): Promise<Backup> {
  try {
    return { folder, manifest: parseManifest(await readFile(join(folder, MANIFEST), 'utf8')) };
  } catch (cause) {
    if (cause instanceof FactoryError) throw cause;
    throw new FactoryError(
      'BACKUP_INVALID',
      `There is no backup that can be read in ${folder}; name a folder that factory backup made, such as backups/alice.k3s.`,
      { cause },
    );
  }
}

/** Compares every archive with what was written. Rejects with `BACKUP_INVALID` for the first that differs. */
export async function verifyArchives({ folder, manifest }: Backup, signal: AbortSignal): Promise<void> {
  for (const [name, expected] of Object.entries(manifest.archives)) {
    const found = await sumOf(join(folder, name), signal).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw damaged(manifest, `${name}: ${String(cause)}`);
    });
    if (found.bytes === expected.bytes && found.sha256 === expected.sha256) continue;
    throw damaged(manifest, `${name} has ${found.bytes} bytes, and ${expected.bytes} were written`);
  }
}

function damaged(key: WorkspaceKey, detail: string): FactoryError {
  return new FactoryError(
    'BACKUP_INVALID',
    `The backup of ${formatWorkspaceKey(key)} is damaged, so nothing was restored; take another one.`,
    { detail },
  );
}
