import type { CreationRecords } from '../clusters/k3d/creation/creation-records.ts';
import { type ClusterNode, clusterNodes } from '../clusters/k3d/nodes/cluster-nodes.ts';
import { clusterVolumes, hasNetwork } from '../clusters/k3d/removal.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { dockerNames } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { type InstanceObject, instanceObjects } from './instance-objects.ts';

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
  readonly shared: ObjectNames;
  /** Everything with the instance's label. */
  readonly objects: readonly InstanceObject[];
}

/** Names, sorted. */
interface ObjectNames {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/** `known`: workspaces that somebody else knows of, whose leftovers may have no label of ours. */
export async function takeInventory(
  engine: DockerEngine,
  instance: InstanceId,
  records: Pick<CreationRecords, 'list'>,
  signal: AbortSignal,
  known: readonly WorkspaceKey[] = [],
): Promise<Inventory> {
  const objects = await instanceObjects(engine, instance, signal);
  const keys = [...objects.flatMap(({ key }) => key ?? []), ...known];
  // Half a creation may have made no more than a network of k3d's, which has no label of ours.
  keys.push(...(await records.list()));
  const workspaces = await Promise.all(
    distinct(keys).map((key) => workspaceInventory(engine, instance, key, objects, signal)),
  );
  const shared = select(objects, undefined);
  return { workspaces: workspaces.filter((one) => !isEmpty(one)), shared, objects };
}

async function workspaceInventory(
  engine: DockerEngine,
  instance: InstanceId,
  key: WorkspaceKey,
  objects: readonly InstanceObject[],
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
    containers: own.containers.filter((name) => !isNode.has(name)),
    nodes,
    clusterNetworks: network ? [clusterNetwork] : [],
    clusterVolumes: volumes,
    networks: own.networks,
    volumes: own.volumes,
  };
}

/** The objects of one workspace; `key` undefined: of none. */
function select(objects: readonly InstanceObject[], key: WorkspaceKey | undefined): ObjectNames {
  const wanted = key && formatWorkspaceKey(key);
  const own = objects.filter((object) => (object.key && formatWorkspaceKey(object.key)) === wanted);
  const names = (kind: InstanceObject['kind']) =>
    own.filter((object) => object.kind === kind).map(({ name }) => name);
  return { containers: names('container'), networks: names('network'), volumes: names('volume') };
}

function distinct(keys: readonly WorkspaceKey[]): readonly WorkspaceKey[] {
  const byText = new Map(keys.map((key) => [formatWorkspaceKey(key), key]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

function isEmpty({ key: _, ...lists }: WorkspaceInventory): boolean {
  return Object.values(lists).every((list) => list.length === 0);
}
