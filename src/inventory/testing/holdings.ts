import type { ClusterNode } from '../../clusters/k3d/nodes/cluster-nodes.ts';
import { dockerNames } from '../../names/docker-names.ts';
import { type InstanceId, parseInstanceId } from '../../names/instance-id.ts';
import { formatWorkspaceKey, parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { InstanceObject } from '../instance-objects.ts';
import type { Inventory, WorkspaceInventory } from '../inventory.ts';

export const INSTANCE: InstanceId = parseInstanceId('abcd1234') ?? missing('abcd1234');

export function keyOf(text: string): WorkspaceKey {
  const [user = '', lab = ''] = text.split('/');
  return parseWorkspaceKey(user, lab) ?? missing(text);
}

/** What Docker has of a workspace, in short: some of these. */
export type Thing =
  | 'container'
  | 'front'
  | 'home'
  | 'network'
  | 'node'
  | 'k3d network'
  | 'k3d volume'
  | 'k3d tools';

/** An inventory of workspaces, and of other objects without a workspace. `madeAt`: of everything, ms since the epoch. */
export function inventoryOf(
  workspaces: Readonly<Record<string, readonly Thing[]>>,
  shared: readonly Pick<InstanceObject, 'kind' | 'name' | 'role'>[] = [],
  madeAt = 0,
): Inventory {
  const each = Object.entries(workspaces).map(([name, things]) => workspaceOf(keyOf(name), things, madeAt));
  return {
    workspaces: each.map(({ workspace }) => workspace),
    objects: [
      ...each.flatMap(({ objects }) => objects),
      ...shared.map((object) => ({ ...object, key: undefined, madeAt, state: '' })),
    ],
    shared: {
      containers: shared.filter(({ kind }) => kind === 'container').map(({ name }) => name),
      networks: shared.filter(({ kind }) => kind === 'network').map(({ name }) => name),
      volumes: shared.filter(({ kind }) => kind === 'volume').map(({ name }) => name),
    },
  };
}

function workspaceOf(
  key: WorkspaceKey,
  things: readonly Thing[],
  madeAt: number,
): { workspace: WorkspaceInventory; objects: InstanceObject[] } {
  const names = dockerNames(INSTANCE, key);
  const has = (thing: Thing, ...found: string[]) => (things.includes(thing) ? found : []);
  const server = `k3d-${names.cluster}-server-0`;
  const nodes: ClusterNode[] = [
    ...has('node', server).map((name) => ({
      id: name,
      name,
      role: 'server' as const,
      state: '',
      labels: {},
      addresses: {},
      takenDown: false,
    })),
    ...has('k3d tools', `k3d-${names.cluster}-tools`).map((name) => ({
      id: name,
      name,
      role: 'other' as const,
      state: '',
      labels: {},
      addresses: {},
      takenDown: false,
    })),
  ];
  const object = (kind: InstanceObject['kind'], role: string, name: string): InstanceObject => ({
    kind,
    role,
    name,
    key,
    madeAt,
    state: '',
  });
  return {
    workspace: {
      key,
      containers: [...has('container', names.container), ...has('front', `front-${key.user}`)],
      nodes,
      clusterNetworks: has('k3d network', names.clusterNetwork),
      clusterVolumes: has('k3d volume', `k3d-${names.cluster}-images`),
      networks: has('network', names.network),
      volumes: has('home', names.homeVolume),
    },
    objects: [
      ...has('container', names.container).map((name) => object('container', 'container', name)),
      ...has('front', `front-${key.user}`).map((name) => object('container', 'front', name)),
      ...has('node', server).map((name) => object('container', 'node', name)),
      ...has('network', names.network).map((name) => object('network', 'network', name)),
      ...has('home', names.homeVolume).map((name) => object('volume', 'home', name)),
    ],
  };
}

export function isKey(text: string): (key: WorkspaceKey) => boolean {
  return (key) => formatWorkspaceKey(key) === text;
}

function missing(text: string): never {
  throw new Error(`${text} is none`);
}
