import { join } from 'node:path';
import { clusterNodes } from '../clusters/k3d/nodes/cluster-nodes.ts';
import { markComplete } from '../clusters/k3d/nodes/completion-mark.ts';
import { putResolvConf } from '../clusters/k3d/nodes/node-resolv-conf.ts';
import { type ClusterBlueprint, nodeName } from '../clusters/k3d/recovery/cluster-blueprint.ts';
import { nodeContainer, type RebuildSite, rebuildCluster } from '../clusters/k3d/recovery/rebuild-cluster.ts';
import { writeFolder } from '../docker-engine/container-archive.ts';
import { openVolume } from '../docker-engine/volume-access.ts';
import { workspaceLabels } from '../docker-engine/workspace-labels.ts';
import { dockerNames } from '../names/docker-names.ts';
import type { Progress } from '../workspaces/ports/progress.ts';
import { readArchive } from './archive-file.ts';
import type { Backup } from './backup-folder.ts';
import { HOME_ARCHIVE, nodeArchive } from './backup-manifest.ts';
import type { BackupSite } from './backup-site.ts';
import { NODE_PARTS, nodeParts } from './node-parts.ts';

/** What of a workspace is restored. */
export type RestoreScope = 'all' | 'home';

/** What Docker knows of a cluster by labels is made anew: a backup's word could lead requests for somebody else to it. */
export type RestoreSite = BackupSite & RebuildSite;

/**
 * Makes home and cluster of a workspace from its backup, which was verified; the cluster is left stopped, for its owner's
 * login to start. What of them was there must be gone.
 */
export async function restoreWorkspace(
  site: RestoreSite,
  backup: Backup,
  scope: RestoreScope,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { manifest } = backup;
  if (manifest.home) {
    progress('restoring the home');
    await restoreHome(site, backup, signal);
  }
  if (scope === 'all' && manifest.cluster !== undefined) {
    await restoreCluster(site, backup, manifest.cluster, progress, signal);
  }
}

async function restoreHome(
  { engine, instance, helperImage }: BackupSite,
  { folder, manifest }: Backup,
  signal: AbortSignal,
): Promise<void> {
  const volume = dockerNames(instance, manifest).homeVolume;
  await engine.call({
    what: 'make the volume of the home',
    signal,
    request: (docker, abortSignal) =>
      docker.createVolume({
        Name: volume,
        Driver: 'local',
        Labels: workspaceLabels(instance, manifest, 'home'),
        abortSignal,
      }),
  });
  await using access = await openVolume(engine, { instance, image: helperImage, volume }, signal);
  const source = readArchive(join(folder, HOME_ARCHIVE));
  await writeFolder(engine, access.container, access.path, source, signal);
}

async function restoreCluster(
  site: RestoreSite,
  { folder, manifest }: Backup,
  blueprint: ClusterBlueprint,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { engine, instance } = site;
  const { cluster } = dockerNames(instance, manifest);
  progress('making the nodes');
  await rebuildCluster(site, manifest, blueprint, signal);
  for (const node of blueprint.nodes) {
    progress(`restoring the node ${nodeName(node)}`);
    const container = nodeContainer(cluster, node);
    for (const part of nodeParts) {
      const name = nodeArchive(node, part);
      if (!(name in manifest.archives)) continue;
      await writeFolder(engine, container, NODE_PARTS[part], readArchive(join(folder, name)), signal);
    }
    await putResolvConf(engine, container, node.command, signal);
  }
  await markComplete(engine, await clusterNodes(engine, cluster, signal), signal);
}
