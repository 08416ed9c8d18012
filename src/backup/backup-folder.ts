import { readdir, readFile, stat } from 'node:fs/promises';
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

/** The backup in `folder`, or all that it holds. Rejects with `BACKUP_INVALID`. */
export async function findBackups(folder: string): Promise<readonly Backup[]> {
  if (await isBackup(folder)) return [await openBackup(folder)];
  const names = await readdir(folder).catch(() => []);
  // One that is being written, or was cut off, begins with a dot.
  const visible = names.filter((name) => !name.startsWith('.')).sort();
  const backups: Backup[] = [];
  for (const inner of visible.map((name) => join(folder, name))) {
    if (await isBackup(inner)) backups.push(await openBackup(inner));
  }
  if (backups.length > 0) return backups;
  throw noBackup(folder);
}

async function isBackup(folder: string): Promise<boolean> {
  const found = await stat(join(folder, MANIFEST)).catch(() => undefined);
  return found !== undefined;
}

/** Rejects with `BACKUP_INVALID`. */
export async function openBackup(folder: string): Promise<Backup> {
  try {
    return { folder, manifest: parseManifest(await readFile(join(folder, MANIFEST), 'utf8')) };
  } catch (cause) {
    if (cause instanceof FactoryError) throw cause;
    throw noBackup(folder, cause);
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

function noBackup(folder: string, cause?: unknown): FactoryError {
  return new FactoryError(
    'BACKUP_INVALID',
    `There is no backup that can be read in ${folder}; name a folder that factory backup made, such as backups/alice.k3s, or one that holds such folders.`,
    { cause },
  );
}
