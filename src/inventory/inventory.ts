import { type ClusterNode, clusterNodes } from '../clusters/k3d/cluster-nodes.ts';
import type { CreationRecords } from '../clusters/k3d/creation-records.ts';
import { clusterVolumes, hasNetwork } from '../clusters/k3d/removal.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../docker-engine/workspace-labels.ts';
import { dockerNames, LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { type Labelled, labelledObjects } from './labelled-objects.ts';

/** What Docker has of one workspace. Names, sorted. */
export interface WorkspaceInventory {
  readonly key: WorkspaceKey;
  /** Lab container, and what else carries the workspace's labels and is no node. */
  readonly containers: readonly string[];
  /** The cluster's; the network and the volumes carry k3d's labels alone. */
  readonly nodes: readonly ClusterNode[];
  readonly clusterNetworks: readonly string[];
  readonly clusterVolumes: readonly string[];
  readonly networks: readonly string[];
  /** The home. */
  readonly volumes: readonly string[];
}

/** All that Docker has of one instance of the factory, and nothing of another's. */
export interface Inventory {
  /** By user, then lab. */
  readonly workspaces: readonly WorkspaceInventory[];
  /** Containers, networks and volumes of the instance that belong to no workspace: Traefik, and helpers that a kill left behind. */
  readonly shared: Labelled;
}

export async function takeInventory(
  engine: DockerEngine,
  instance: InstanceId,
  records: CreationRecords,
  signal: AbortSignal,
): Promise<Inventory> {
  const objects = await labelledObjects(engine, `${LABEL.instance}=${instance}`, signal);
  const labelled = [...objects.containers, ...objects.networks, ...objects.volumes];
  const keys = labelled.flatMap(({ labels }) => workspaceOfLabels(labels) ?? []);
  // Half a creation may have made no more than a network of k3d's, which has no label of ours.
  keys.push(...(await records.list()));
  const workspaces = await Promise.all(
    distinct(keys).map((key) => workspaceInventory(engine, instance, key, objects, signal)),
  );
  return { workspaces: workspaces.filter((one) => !isEmpty(one)), shared: select(objects, undefined) };
}

async function workspaceInventory(
  engine: DockerEngine,
  instance: InstanceId,
  key: WorkspaceKey,
  objects: Labelled,
  signal: AbortSignal,
): Promise<WorkspaceInventory> {
  const { cluster, clusterNetwork } = dockerNames(instance, key);
  const [nodes, network, volumes] = await Promise.all([
    clusterNodes(engine, cluster, signal),
    hasNetwork(engine, clusterNetwork, signal),
    clusterVolumes(engine, cluster, signal),
  ]);
  const own = select(objects, key);
  const isNode = new Set(nodes.map(({ name }) => name));
  return {
    key,
    containers: own.containers.map(({ name }) => name).filter((name) => !isNode.has(name)),
    nodes,
    clusterNetworks: network ? [clusterNetwork] : [],
    clusterVolumes: volumes,
    networks: own.networks.map(({ name }) => name),
    volumes: own.volumes.map(({ name }) => name),
  };
}

/** The objects of one workspace; `key` undefined: of none. */
function select(objects: Labelled, key: WorkspaceKey | undefined): Labelled {
  const wanted = key && formatWorkspaceKey(key);
  const belongs = ({ labels }: Labelled['containers'][number]) => {
    const found = workspaceOfLabels(labels);
    return (found && formatWorkspaceKey(found)) === wanted;
  };
  return {
    containers: objects.containers.filter(belongs),
    networks: objects.networks.filter(belongs),
    volumes: objects.volumes.filter(belongs),
  };
}

function distinct(keys: readonly WorkspaceKey[]): readonly WorkspaceKey[] {
  const byText = new Map(keys.map((key) => [formatWorkspaceKey(key), key]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

function isEmpty({ key: _, ...lists }: WorkspaceInventory): boolean {
  return Object.values(lists).every((list) => list.length === 0);
}
