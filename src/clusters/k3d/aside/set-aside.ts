import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { dockerNames } from '../../../names/docker-names.ts';
import type { InstanceId } from '../../../names/instance-id.ts';
import type { WorkspaceKey } from '../../../names/workspace-key.ts';
import { type ClusterNode, clusterNodes, members } from '../nodes/cluster-nodes.ts';
import { type ClusterBlueprint, readBlueprint } from '../recovery/cluster-blueprint.ts';
import { removeCluster } from '../removal.ts';
import { type AsideCluster, createAsideRecords, type KeptVolume } from './aside-records.ts';

/** Where clusters are set aside. */
export interface AsideSite {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  /** The clusters' folder in the data folder. */
  readonly folder: string;
}

/** What became of one that was to go. */
export interface AsideRemoval {
  readonly aside: AsideCluster;
  /** False: a container uses one of its volumes, so what is left of it stays. */
  readonly removed: boolean;
}

/**
 * Takes a cluster away as `removeCluster` does, but keeps the volumes of its nodes, and writes down whose they are before
 * anything goes. What was set aside of this workspace earlier goes then. A call that was cut off is finished by the next.
 * Resolves with undefined where there was nothing to keep.
 */
export async function setAside(
  site: AsideSite,
  key: WorkspaceKey,
  signal: AbortSignal,
): Promise<AsideCluster | undefined> {
  const { engine, instance, folder } = site;
  const records = createAsideRecords(folder);
  const names = dockerNames(instance, key);
  const nodes = members(await clusterNodes(engine, names.cluster, signal));
  const volumes = (await Promise.all(nodes.map((node) => volumesOf(engine, node, signal)))).flat();
  const begun = await records.pending(names.cluster);
  if (begun !== undefined && !isSubset(volumes, begun.volumes)) await finish(site, begun, signal);
  if (volumes.length > 0 && (begun === undefined || !isSubset(volumes, begun.volumes))) {
    const blueprint = await blueprintOf(engine, nodes, signal);
    await records.begin({ key, cluster: names.cluster, at: new Date(), blueprint, volumes });
  }
  await removeCluster(engine, names, signal, { keepVolumes: true });
  const pending = await records.pending(names.cluster);
  if (pending !== undefined) await finish(site, pending, signal);
  return pending;
}

/** Whether the setting aside of this workspace's cluster was cut off before its end. */
export async function isBeingSetAside(
  { instance, folder }: Pick<AsideSite, 'instance' | 'folder'>,
  key: WorkspaceKey,
): Promise<boolean> {
  return (await createAsideRecords(folder).pending(dockerNames(instance, key).cluster)) !== undefined;
}

/** The workspaces for which that is so. */
export async function keysBeingSetAside({
  folder,
}: Pick<AsideSite, 'folder'>): Promise<readonly WorkspaceKey[]> {
  return (await createAsideRecords(folder).listPending()).map(({ key }) => key);
}

/** What is kept, one at most for a workspace, by user and lab. What was cut off counts when its nodes are gone. */
export async function listAside(site: AsideSite, signal: AbortSignal): Promise<readonly AsideCluster[]> {
  const records = createAsideRecords(site.folder);
  for (const pending of await records.listPending()) {
    const nodes = await clusterNodes(site.engine, pending.cluster, signal);
    if (nodes.length === 0) await finish(site, pending, signal);
  }
  return records.listKept();
}

/** Removes what was set aside before `limit`, for good: the volumes, then the record that tells of them. */
export async function removeAside(
  site: AsideSite,
  limit: Date,
  signal: AbortSignal,
): Promise<readonly AsideRemoval[]> {
  const old = (await listAside(site, signal)).filter(({ at }) => at.getTime() < limit.getTime());
  const outcomes: AsideRemoval[] = [];
  for (const aside of old) outcomes.push({ aside, removed: await removeOneAside(site, aside, signal) });
  return outcomes;
}

/** False where a container uses one of the volumes. */
export async function removeOneAside(
  { engine, folder }: AsideSite,
  aside: AsideCluster,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await removeVolumes(engine, aside.volumes, signal))) return false;
  await createAsideRecords(folder).forget(aside.cluster);
  return true;
}

/** The pending one becomes the kept one, for which the older kept one goes. */
async function finish(
  { engine, folder }: AsideSite,
  pending: AsideCluster,
  signal: AbortSignal,
): Promise<void> {
  const records = createAsideRecords(folder);
  const older = await records.kept(pending.cluster);
  const outdated = older?.volumes.filter((one) => !isSubset([one], pending.volumes)) ?? [];
  // One that somebody looks into right now is left to them: it is theirs to remove then.
  await removeVolumes(engine, outdated, signal);
  await records.finish(pending.cluster);
}

function isSubset(some: readonly KeptVolume[], all: readonly KeptVolume[]): boolean {
  const names = new Set(all.map(({ volume }) => volume));
  return some.every(({ volume }) => names.has(volume));
}

/** All of its volumes but k3d's for images, which has nothing that was made in the cluster. */
async function volumesOf(
  engine: DockerEngine,
  node: ClusterNode,
  signal: AbortSignal,
): Promise<readonly KeptVolume[]> {
  const found = await engine.callUnless([404], {
    what: 'look at the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).inspect({ abortSignal }),
  });
  return (found?.Mounts ?? []).flatMap(({ Type, Name, Destination }) =>
    Type === 'volume' && Name !== undefined && Destination !== '/k3d/images'
      ? [{ node: node.name, path: Destination, volume: Name }]
      : [],
  );
}

async function blueprintOf(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<ClusterBlueprint | undefined> {
  try {
    return await readBlueprint(engine, nodes, signal);
  } catch {
    // A cluster that lost its server has none, and is just what is to be set aside.
    signal.throwIfAborted();
    return undefined;
  }
}

/** False where a container uses one of them. */
async function removeVolumes(
  engine: DockerEngine,
  volumes: readonly KeptVolume[],
  signal: AbortSignal,
): Promise<boolean> {
  let all = true;
  for (const { volume } of volumes) {
    const outcome = await engine.callUnless([404, 409], {
      what: 'remove a volume that was set aside',
      signal,
      timeout: 120_000,
      request: (docker, abortSignal) => removed(docker.getVolume(volume).remove({ abortSignal })),
    });
    if (outcome === undefined && (await exists(engine, volume, signal))) all = false;
  }
  return all;
}

async function removed(removal: Promise<unknown>): Promise<true> {
  await removal;
  return true;
}

async function exists(engine: DockerEngine, volume: string, signal: AbortSignal): Promise<boolean> {
  const found = await engine.callUnless([404], {
    what: 'look at a volume that was set aside',
    signal,
    request: (docker) => docker.getVolume(volume).inspect(),
  });
  return found !== undefined;
}
