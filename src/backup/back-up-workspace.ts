import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { stopNodes } from '../clusters/k3d/nodes/node-actions.ts';
import { observeCluster } from '../clusters/k3d/observe-cluster.ts';
import {
  type ClusterBlueprint,
  nodeName,
  readBlueprint,
} from '../clusters/k3d/recovery/cluster-blueprint.ts';
import { nodeContainer } from '../clusters/k3d/recovery/rebuild-cluster.ts';
import { readFolder } from '../docker-engine/container-archive.ts';
import { openVolume } from '../docker-engine/volume-access.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceInventory } from '../inventory/inventory.ts';
import { dockerNames } from '../names/docker-names.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { inspectContainer } from '../runtime/docker/container-state.ts';
import { stopContainer } from '../runtime/docker/container-transitions.ts';
import { workspaceObjects } from '../runtime/docker/workspace-objects.ts';
import type { Progress } from '../workspaces/ports/progress.ts';
import { type ArchiveSum, writeArchive } from './archive-file.ts';
import { backupName, MANIFEST } from './backup-folder.ts';
import { formatManifest, HOME_ARCHIVE, nodeArchive } from './backup-manifest.ts';
import type { BackupSite } from './backup-site.ts';
import { NODE_PARTS, nodeParts } from './node-parts.ts';

export interface MadeBackup {
  readonly key: WorkspaceKey;
  /** Absolute. */
  readonly folder: string;
  readonly home: boolean;
  /** `incomplete`: there was one, but its creation never came to its end, so it is left out. */
  readonly cluster: 'saved' | 'none' | 'incomplete';
  /** Of all archives, compressed. */
  readonly bytes: number;
}

/** The archives of one backup that is being written. */
type Sums = Record<string, ArchiveSum>;

/**
 * Stops a workspace as a long absence would, and writes its home and its cluster to a new folder in `into`, which is there
 * under its name only when it is whole. Rejects with `BACKUP_UNWRITABLE` and what Docker fails with.
 */
export async function backUpWorkspace(
  site: BackupSite,
  workspace: WorkspaceInventory,
  into: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<MadeBackup> {
  const { key } = workspace;
  const folder = join(into, backupName(key));
  const partial = join(into, `.${backupName(key)}.${site.instance}.partial`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  try {
    const sums: Sums = {};
    const { cluster, blueprint } = await stopWorkspace(site, workspace, progress, signal);
    const home = workspace.volumes.includes(dockerNames(site.instance, key).homeVolume);
    if (home) await saveHome(site, key, partial, sums, progress, signal);
    if (blueprint !== undefined) await saveNodes(site, key, blueprint, partial, sums, progress, signal);
    const manifest = formatManifest({
      ...key,
      instance: site.instance,
      made_at: new Date().toISOString(),
      home,
      ...(blueprint === undefined ? {} : { cluster: blueprint }),
      archives: sums,
    });
    await writeFile(join(partial, MANIFEST), manifest, { mode: 0o600, flush: true });
    await rename(partial, folder);
    const bytes = Object.values(sums).reduce((sum, archive) => sum + archive.bytes, 0);
    return { key, folder, home, cluster, bytes };
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof FactoryError ? thrown : unwritable(thrown);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function stopWorkspace(
  site: BackupSite,
  { key, nodes }: WorkspaceInventory,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ cluster: MadeBackup['cluster']; blueprint?: ClusterBlueprint }> {
  const objects = workspaceObjects(site.engine, site.instance, key);
  const container = await inspectContainer(objects, signal);
  if (container?.State.Running) {
    progress('stopping the container');
    await stopContainer(objects, signal);
  }
  const { state } = await observeCluster(site.engine, objects.names, signal);
  if (state === 'absent') return { cluster: 'none' };
  if (state === 'incomplete') return { cluster: 'incomplete' };
  if (state !== 'stopped') progress('stopping the cluster');
  await stopNodes(site.engine, nodes, signal);
  return { cluster: 'saved', blueprint: await readBlueprint(site.engine, nodes, signal) };
}

async function saveHome(
  { engine, instance, helperImage }: BackupSite,
  key: WorkspaceKey,
  partial: string,
  sums: Sums,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress('saving the home');
  const volume = dockerNames(instance, key).homeVolume;
  await using access = await openVolume(engine, { instance, image: helperImage, volume }, signal);
  const source = await readFolder(engine, access.container, access.path, signal);
  await save(source, partial, HOME_ARCHIVE, sums, signal);
}

async function saveNodes(
  { engine, instance }: BackupSite,
  key: WorkspaceKey,
  blueprint: ClusterBlueprint,
  partial: string,
  sums: Sums,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { cluster } = dockerNames(instance, key);
  for (const node of blueprint.nodes) {
    progress(`saving the node ${nodeName(node)}`);
    for (const part of nodeParts) {
      const source = await readFolder(engine, nodeContainer(cluster, node), NODE_PARTS[part], signal);
      await save(source, partial, nodeArchive(node, part), sums, signal);
    }
  }
}

/** `source` undefined: there is no such folder, and so no such archive. */
async function save(
  source: Readable | undefined,
  partial: string,
  name: string,
  sums: Sums,
  signal: AbortSignal,
): Promise<void> {
  if (source !== undefined) sums[name] = await writeArchive(join(partial, name), source, signal);
}

function unwritable(cause: unknown): FactoryError {
  return new FactoryError(
    'BACKUP_UNWRITABLE',
    'The backup could not be written; see that the folder given with --to is yours and its disk has room.',
    { cause, detail: String(cause) },
  );
}

/** Rejects with `BACKUP_UNWRITABLE` where one of the backups is there already: none is ever overwritten. */
export async function assertNoBackups(keys: readonly WorkspaceKey[], into: string): Promise<void> {
  for (const key of keys) {
    const found = await stat(join(into, backupName(key))).catch(() => undefined);
    if (found === undefined) continue;
    throw new FactoryError(
      'BACKUP_UNWRITABLE',
      `The folder given with --to has a backup of ${formatWorkspaceKey(key)} already; give another one, such as one with today's date.`,
    );
  }
}
