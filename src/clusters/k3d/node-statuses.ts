import { type ContainerUse, containerUse } from '../../docker-engine/container-use.ts';
import { CpuMeter } from '../../docker-engine/cpu-meter.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import type { DockerNames } from '../../names/docker-names.ts';
import { parseNodeName } from '../../names/node-name.ts';
import type { ClusterNodeStatus } from '../../workspaces/ports/clusters.ts';
import type { ClusterLookup } from './cluster-lookup.ts';
import { type KubeNode, kubeNodes } from './kubernetes/kube-status.ts';
import { nodeCpu } from './node-cpu.ts';
import { type ClusterNode, clusterNodes, members, nodeNumber, serverOf } from './nodes/cluster-nodes.ts';

/** How long a status waits for Kubernetes; ms. What only Kubernetes can tell is then left out. */
const KUBERNETES_LIMIT = 2_000;

/** Tells what the nodes of clusters are doing. */
export class NodeStatuses {
  readonly #engine: DockerEngine;
  readonly #lookup: ClusterLookup;
  readonly #cpu = new CpuMeter();

  constructor(engine: DockerEngine, lookup: ClusterLookup) {
    this.#engine = engine;
    this.#lookup = lookup;
  }

  /** Servers first, then agents, each by number. Rejects as `Clusters.nodes`. */
  async of(names: DockerNames, signal: AbortSignal): Promise<readonly ClusterNodeStatus[]> {
    const nodes = members(await clusterNodes(this.#engine, names.cluster, signal));
    const [uses, kubernetes] = await Promise.all([
      Promise.all(nodes.map(({ id }) => containerUse(this.#engine, id, signal))),
      this.#askKubernetes(names, nodes, signal),
    ]);
    return nodes
      .flatMap((node, index) => {
        const use = uses[index];
        const known = kubernetes.find(({ name }) => name === node.name);
        return (use && this.#status(names, node, use, known)) ?? [];
      })
      .sort(byRoleAndNumber);
  }

  /** Undefined for a node with a name that k3d does not give. */
  #status(
    { cluster, clusterNetwork }: DockerNames,
    node: ClusterNode,
    use: ContainerUse,
    known: KubeNode | undefined,
  ): ClusterNodeStatus | undefined {
    const name = parseNodeName(node.name.slice(`k3d-${cluster}-`.length));
    if (name === undefined || node.role === 'other') return undefined;
    const state = stateOf(node);
    return {
      name,
      role: node.role,
      state,
      address: node.addresses[clusterNetwork] || undefined,
      ready: known?.ready,
      version: known?.version,
      since: use.since,
      memory: use.memory,
      cpu: nodeCpu({ id: node.id, state }, use, this.#cpu, Date.now()),
    };
  }

  /** None while the API does not run, or does not answer soon: a status never hangs. */
  async #askKubernetes(
    names: DockerNames,
    nodes: readonly ClusterNode[],
    signal: AbortSignal,
  ): Promise<readonly KubeNode[]> {
    if (serverOf(nodes)?.state !== 'running') return [];
    const limit = AbortSignal.any([signal, AbortSignal.timeout(KUBERNETES_LIMIT)]);
    try {
      const api = this.#lookup.api(await this.#lookup.find(names, limit));
      return kubeNodes((await api.get('/api/v1/nodes', limit)) ?? '');
    } catch {
      signal.throwIfAborted();
      return [];
    }
  }
}

function stateOf({ state, takenDown }: ClusterNode): ClusterNodeStatus['state'] {
  if (takenDown) return 'taken_down';
  if (state === 'running') return 'running';
  return state === 'paused' ? 'suspended' : 'stopped';
}

function byRoleAndNumber(one: ClusterNodeStatus, other: ClusterNodeStatus): number {
  if (one.role !== other.role) return one.role === 'server' ? -1 : 1;
  return nodeNumber(one) - nodeNumber(other);
}
