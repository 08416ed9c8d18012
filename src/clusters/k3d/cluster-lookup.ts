import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { DockerNames } from '../../names/docker-names.ts';
import { type AdminAccess, readAdminAccess } from './kubernetes/admin-access.ts';
import { createKubeApi, type KubeApi } from './kubernetes/kube-api.ts';
import type { AwaitedCluster } from './kubernetes/readiness.ts';
import { type ClusterNetwork, clusterNetwork } from './network/cluster-network.ts';
import { type ClusterNode, clusterNodes, members, NODE_LABEL, serverOf } from './nodes/cluster-nodes.ts';
import { runningServer } from './nodes/running-server.ts';

/** The port of the Kubernetes API on a server node. */
export const API_PORT = 6443;

/** A cluster that has a server. */
export interface FoundCluster {
  readonly nodes: readonly ClusterNode[];
  readonly server: ClusterNode;
  readonly network: ClusterNetwork;
}

/** Finds clusters by Docker's labels, and the way to their APIs. */
export class ClusterLookup {
  readonly #engine: DockerEngine;
  /** By id of the server's container. */
  readonly #access = new Map<string, AdminAccess>();

  constructor(engine: DockerEngine) {
    this.#engine = engine;
  }

  /** Rejects with `CLUSTER_NOT_READY` where there is none. */
  async find(names: DockerNames, signal: AbortSignal): Promise<FoundCluster> {
    const nodes = await clusterNodes(this.#engine, names.cluster, signal);
    const server = serverOf(nodes);
    if (server === undefined) {
      throw new FactoryError('CLUSTER_NOT_READY', 'There is no cluster yet; connect again to have one made.');
    }
    return { nodes, server, network: clusterNetwork(server.labels[NODE_LABEL.subnet] ?? '') };
  }

  async access(cluster: FoundCluster, signal: AbortSignal): Promise<AdminAccess> {
    const known = this.#access.get(cluster.server.id);
    if (known !== undefined) return known;
    const access = await readAdminAccess(this.#engine, cluster.server, signal);
    this.#access.set(cluster.server.id, access);
    return access;
  }

  forgetAccess(cluster: FoundCluster): void {
    this.#access.delete(cluster.server.id);
  }

  /**
   * With the access read anew after each question that was not answered: k3s may have renewed it, whoever started it. Rejects
   * with `CLUSTER_FAILED` where the cluster has none.
   */
  api(cluster: FoundCluster): KubeApi {
    return {
      get: async (path, signal) => {
        const access = await this.access(cluster, signal);
        const answer = await createKubeApi(cluster.network.server, API_PORT, access).get(path, signal);
        if (answer === undefined) this.forgetAccess(cluster);
        return answer;
      },
    };
  }

  /** What a wait has to know of a cluster that was just started; its access is read anew. */
  async awaited(cluster: FoundCluster, signal: AbortSignal): Promise<AwaitedCluster> {
    this.forgetAccess(cluster);
    return {
      api: this.api(cluster),
      ingress: cluster.network.server,
      nodes: members(cluster.nodes).filter(({ takenDown }) => !takenDown).length,
      ...(await runningServer(this.#engine, cluster.server, signal)),
    };
  }
}
