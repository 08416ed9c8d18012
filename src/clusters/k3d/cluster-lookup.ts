import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import type { ErrorCode } from '../../errors/error-codes.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { DockerNames } from '../../names/docker-names.ts';
import { type AdminAccess, readAdminAccess } from './kubernetes/admin-access.ts';
import { createKubeApi, type KubeAdmin } from './kubernetes/kube-api.ts';
import type { AwaitedCluster } from './kubernetes/readiness.ts';
import { type ClusterNetwork, clusterNetwork } from './network/cluster-network.ts';
import { type ClusterNode, clusterNodes, members, NODE_LABEL, serverOf } from './nodes/cluster-nodes.ts';
import { runningServer } from './nodes/running-server.ts';

/** The port of the Kubernetes API on a server node. */
export const API_PORT = 6443;

/** With what a busy Docker fails; one that is gone ends a wait. */
const HINDRANCES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DOCKER_FAILED', 'TIMED_OUT']);

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
  /** By the same. */
  readonly #hindrances = new Map<string, FactoryError>();

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
   * With the access read anew after each question that was not answered: k3s may have renewed it, whoever started it. That Docker
   * refuses to hand the access over, or takes too long, is no answer either: the next question may fare better. Rejects with
   * `CLUSTER_FAILED` where the cluster has none, and with `DOCKER_UNAVAILABLE`.
   */
  api(cluster: FoundCluster): KubeAdmin {
    return {
      get: (path, signal) => this.#ask(cluster, signal, (api) => api.get(path, signal)),
      remove: async (path, signal) =>
        (await this.#ask(cluster, signal, (api) => api.remove(path, signal))) ?? false,
    };
  }

  /** Docker's failure, where that kept the last question from the cluster's API: the cluster may be well. */
  hindrance({ server }: FoundCluster): FactoryError | undefined {
    return this.#hindrances.get(server.id);
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

  async #ask<T>(
    cluster: FoundCluster,
    signal: AbortSignal,
    question: (api: KubeAdmin) => Promise<T>,
  ): Promise<T | undefined> {
    const access = await this.#accessUnlessHindered(cluster, signal);
    if (access === undefined) return undefined;
    const answer = await question(createKubeApi(cluster.network.server, API_PORT, access));
    if (answer === undefined || answer === false) this.forgetAccess(cluster);
    return answer;
  }

  async #accessUnlessHindered(cluster: FoundCluster, signal: AbortSignal): Promise<AdminAccess | undefined> {
    try {
      const access = await this.access(cluster, signal);
      this.#hindrances.delete(cluster.server.id);
      return access;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FactoryError) || !HINDRANCES.has(error.code)) throw error;
      this.#hindrances.set(cluster.server.id, error);
      return undefined;
    }
  }
}
