import { members } from '../clusters/k3d/nodes/cluster-nodes.ts';
import { dockerNames } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { InstanceObject } from './instance-objects.ts';
import type { Inventory, WorkspaceInventory } from './inventory.ts';

/** Something of this factory that belongs to no workspace any more. */
export interface Orphan {
  /**
   * `home`: the volume with a student's files. `cluster`: what is left, or half made, of one. `record`: of a creation of which
   * there is nothing. `state`: of a cluster that was set aside. `terminal`: of a `@rescue` whose factory was killed.
   */
  readonly kind:
    | 'container'
    | 'network'
    | 'volume'
    | 'home'
    | 'cluster'
    | 'record'
    | 'route'
    | 'state'
    | 'terminal';
  /** As Docker calls it; of a record and a state the cluster's name, of a route the workspace's, of a terminal its mark. */
  readonly name: string;
  readonly key: WorkspaceKey | undefined;
  /** Completes "it is an orphan because": "alice/k3s has no container and no cluster". */
  readonly why: string;
  /** Of a cluster: the names of what Docker has of it; of a terminal: its container. */
  readonly parts: readonly string[];
}

/** What is there, from all who know a part of it. */
export interface Holdings {
  readonly instance: InstanceId;
  readonly inventory: Pick<Inventory, 'workspaces' | 'objects'>;
  /** The clusters whose creation has not been seen through to its end. */
  readonly creations: readonly WorkspaceKey[];
  /** The workspaces that have a route. */
  readonly routes: readonly WorkspaceKey[];
  /** Clusters that were set aside; `at`: when, ms since the epoch. */
  readonly aside: readonly { readonly key: WorkspaceKey; readonly cluster: string; readonly at: number }[];
  /** Those in containers that no session holds. */
  readonly terminals: readonly {
    readonly key: WorkspaceKey;
    readonly container: string;
    readonly mark: string;
  }[];
}

/** What must be let alone. */
export interface Circumstances {
  /** ms since the epoch. */
  readonly now: number;
  /**
   * Who may be just making something: `none` where no factory runs, `known` where its controllers are asked by `isLive`, and
   * `unknown` where a factory runs and cannot be asked. What is young is let alone then.
   */
  readonly makers: 'none' | 'known' | 'unknown';
  /** Somebody is there, or a part of it is, or is being made. */
  isLive(key: WorkspaceKey): boolean;
  /** A step is under way. */
  isWorking(key: WorkspaceKey): boolean;
}

/** What is younger than this may just be being made; ms. */
const YOUNG = 600_000;

/** So long the state of a cluster that was set aside is kept; ms. */
export const ASIDE_KEPT = 7 * 24 * 3_600_000;

/** What of `holdings` belongs to no workspace any more: nothing of one that lives, nor of another factory. */
export function findOrphans(holdings: Holdings, circumstances: Circumstances): readonly Orphan[] {
  const { inventory, aside, terminals } = holdings;
  const { now, makers, isLive, isWorking } = circumstances;
  // No controller knows of what has no workspace.
  const settled = ({ key, madeAt }: InstanceObject) =>
    makers === 'none' || (makers === 'known' && key !== undefined) || !(madeAt > now - YOUNG);
  const objects = inventory.objects.filter(settled);
  return [
    ...objects.flatMap(ofNobody),
    ...workspacesIn(holdings)
      .filter(({ key }) => !isLive(key))
      .flatMap((workspace) => ofWorkspace(workspace, holdings, objects)),
    ...aside
      .filter(({ key, at }) => at < now - ASIDE_KEPT && !isWorking(key))
      .map(({ key, cluster }) =>
        orphan('state', cluster, key, `${formatWorkspaceKey(key)} was reset more than a week ago`),
      ),
    ...terminals.map(({ key, container, mark }) => ({
      ...orphan('terminal', mark, key, `no session of ${formatWorkspaceKey(key)} has this @rescue any more`),
      parts: [container],
    })),
  ];
}

/** Those that Docker has something of, and those of which there is no more than a record or a route. */
function workspacesIn({ inventory, creations, routes }: Holdings): readonly WorkspaceInventory[] {
  const known = new Map(inventory.workspaces.map((one) => [formatWorkspaceKey(one.key), one]));
  for (const key of [...creations, ...routes]) {
    const name = formatWorkspaceKey(key);
    if (!known.has(name)) known.set(name, { key, ...NOTHING });
  }
  return [...known.values()];
}

const NOTHING = {
  containers: [],
  nodes: [],
  clusterNetworks: [],
  clusterVolumes: [],
  networks: [],
  volumes: [],
} as const satisfies Omit<WorkspaceInventory, 'key'>;

/** Helpers, and what lost its labels. */
function ofNobody({ kind, name, role, key }: InstanceObject): readonly Orphan[] {
  if (key !== undefined || role === 'traefik') return [];
  return [orphan(kind, name, undefined, 'it belongs to no workspace')];
}

function ofWorkspace(
  workspace: WorkspaceInventory,
  { instance, creations, routes }: Holdings,
  settled: readonly InstanceObject[],
): readonly Orphan[] {
  const { key } = workspace;
  const name = formatWorkspaceKey(key);
  const isIt = (other: WorkspaceKey) => formatWorkspaceKey(other) === name;
  const own = settled.filter((object) => object.key !== undefined && isIt(object.key));
  const cluster = ofCluster(workspace, dockerNames(instance, key).cluster, creations.some(isIt));
  if (isThere(workspace, settled)) return cluster;
  const why = `${name} has no container and no cluster`;
  return [
    ...cluster,
    ...own
      .filter(({ role }) => role !== 'node')
      .map(({ kind, role, name: object }) => orphan(role === 'home' ? 'home' : kind, object, key, why)),
    ...(routes.some(isIt) ? [orphan('route', name, key, why)] : []),
  ];
}

/** A workspace is there as long as its container or a node of its cluster is; who made them is still at it where they are young. */
function isThere({ containers, nodes }: WorkspaceInventory, settled: readonly InstanceObject[]): boolean {
  const own = new Map(
    settled.filter(({ kind }) => kind === 'container').map((object) => [object.name, object]),
  );
  const isContainer = (name: string) => {
    const object = own.get(name);
    return object === undefined || object.role === 'container';
  };
  return members(nodes).length > 0 || containers.some(isContainer);
}

function ofCluster(
  { key, nodes, clusterNetworks, clusterVolumes }: WorkspaceInventory,
  name: string,
  isHalfMade: boolean,
): readonly Orphan[] {
  const parts = [...nodes.map((node) => node.name), ...clusterNetworks, ...clusterVolumes];
  const workspace = formatWorkspaceKey(key);
  if (parts.length === 0) {
    const why = `nothing is left of the cluster of ${workspace} that was being made`;
    return isHalfMade ? [orphan('record', name, key, why)] : [];
  }
  if (isHalfMade) {
    return [
      { ...orphan('cluster', name, key, `the making of the cluster of ${workspace} was cut off`), parts },
    ];
  }
  if (members(nodes).length > 0) return [];
  return [{ ...orphan('cluster', name, key, `the cluster of ${workspace} has no nodes`), parts }];
}

function orphan(kind: Orphan['kind'], name: string, key: WorkspaceKey | undefined, why: string): Orphan {
  return { kind, name, key, why, parts: [] };
}
