import type Docker from 'dockerode';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../../../docker-engine/workspace-labels.ts';
import { LABEL } from '../../../names/docker-names.ts';
import type { InstanceId } from '../../../names/instance-id.ts';
import type { WorkspaceKey } from '../../../names/workspace-key.ts';
import { isTakenDown } from './taken-down.ts';

/** Labels of k3d's (pkg/types/k3d.go) and of ours on nodes. */
export const NODE_LABEL = {
  cluster: 'k3d.cluster',
  role: 'k3d.role',
  subnet: 'k3d.cluster.network.iprange',
  /** How many agents the cluster was made with. */
  agents: 'ssh-lab-factory.agents',
  /** The lab's limit for a start; ms. */
  startTimeout: 'ssh-lab-factory.start-timeout',
} as const;

/** A container of a cluster, as Docker lists it. */
export interface ClusterNode {
  readonly id: string;
  readonly name: string;
  /** `other`: what k3d needs for a moment and a killed k3d leaves behind. */
  readonly role: 'server' | 'agent' | 'other';
  /** Docker's word: created, running, paused, restarting, removing, exited, dead. */
  readonly state: string;
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** IPv4 addresses by the network's name; only those of one with processes count. */
  readonly addresses: Readonly<Record<string, string | undefined>>;
  /** An agent that its owner took down: it does not run, and shall not. */
  readonly takenDown: boolean;
}

/** The containers of the cluster with k3d's name `cluster`, sorted by name; none is not an error. */
export async function clusterNodes(
  engine: DockerEngine,
  cluster: string,
  signal: AbortSignal,
): Promise<readonly ClusterNode[]> {
  const containers = await engine.call({
    what: 'list the nodes of the cluster',
    signal,
    request: (docker, abortSignal) =>
      docker.listContainers({
        all: true,
        filters: { label: [`${NODE_LABEL.cluster}=${cluster}`] },
        abortSignal,
      }),
  });
  const nodes = containers.map(clusterNode).sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    nodes.map(async (node) => ({ ...node, takenDown: await isTakenDown(engine, node, signal) })),
  );
}

function clusterNode(container: Docker.ContainerInfo): Omit<ClusterNode, 'takenDown'> {
  const role = container.Labels[NODE_LABEL.role];
  return {
    id: container.Id,
    name: container.Names[0]?.slice(1) ?? container.Id,
    role: role === 'server' || role === 'agent' ? role : 'other',
    state: container.State,
    labels: container.Labels,
    addresses: Object.fromEntries(
      Object.entries(container.NetworkSettings.Networks).map(([name, { IPAddress }]) => [name, IPAddress]),
    ),
  };
}

/** The number in the name of a server or agent, from 0; NaN where there is none. */
export function nodeNumber({ name }: Pick<ClusterNode, 'name'>): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
}

/** The first server: it speaks for the cluster, and its address is the one that everybody is given. */
export function serverOf(nodes: readonly ClusterNode[]): ClusterNode | undefined {
  return nodes.find((node) => node.role === 'server' && nodeNumber(node) === 0);
}

export function serversOf(nodes: readonly ClusterNode[]): readonly ClusterNode[] {
  return nodes.filter((node) => node.role === 'server');
}

/** Servers and agents, taken down or not; not k3d's helpers. */
export function members(nodes: readonly ClusterNode[]): readonly ClusterNode[] {
  return nodes.filter((node) => node.role !== 'other');
}

/** How many of the agents that the cluster was made with have no container any more. */
export function lostAgents(server: ClusterNode, nodes: readonly ClusterNode[]): number {
  return Number(server.labels[NODE_LABEL.agents] ?? 0) - nodes.filter(({ role }) => role === 'agent').length;
}

/** The workspaces of this factory that have nodes, one entry for each node. */
export async function keysOfNodes(
  engine: DockerEngine,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<readonly WorkspaceKey[]> {
  const containers = await engine.call({
    what: 'list the clusters',
    signal,
    request: (docker, abortSignal) =>
      docker.listContainers({
        all: true,
        filters: { label: [`${LABEL.instance}=${instance}`, `${LABEL.role}=node`] },
        abortSignal,
      }),
  });
  return containers.flatMap((container) => workspaceOfLabels(container.Labels) ?? []);
}
