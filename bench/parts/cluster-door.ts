import { API_PORT } from '../../src/clusters/k3d/cluster-lookup.ts';
import { readAdminAccess } from '../../src/clusters/k3d/kubernetes/admin-access.ts';
import { createKubeApi, type KubeApi } from '../../src/clusters/k3d/kubernetes/kube-api.ts';
import { untilNodesReady, untilServicesReady } from '../../src/clusters/k3d/kubernetes/readiness.ts';
import { type ClusterNode, clusterNodes, serverOf } from '../../src/clusters/k3d/nodes/cluster-nodes.ts';
import { runningServer } from '../../src/clusters/k3d/nodes/running-server.ts';
import { createDockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { eventually } from '../../test/e2e/harness/eventually.ts';

/** ms; longer than any cluster takes on a machine that can be measured. */
const LIMIT = 240_000;
/** How often a cluster that is being made is looked for; ms. */
const LOOK_EVERY = 100;

const silent = () => {};

/** A cluster as this host sees it by its bridge: ours and a bare one are watched in the same way. */
export class ClusterDoor {
  readonly #cluster: string;
  readonly #engine = createDockerEngine();
  #api: KubeApi | undefined;

  /** `cluster`: k3d's name of it; it need not exist yet. */
  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  /** Docker's name of the network that the nodes are in. */
  get network(): string {
    return `k3d-${this.#cluster}`;
  }

  /** The server's IPv4 address. */
  async address(): Promise<string> {
    const server = await this.#server();
    const { NetworkSettings } = await this.#engine.call({
      what: 'look at the node',
      signal: AbortSignal.timeout(LIMIT),
      request: (docker) => docker.getContainer(server.id).inspect(),
    });
    const address = NetworkSettings.Networks[this.network]?.IPAddress;
    if (address === undefined || address === '') throw new Error('the node has no address yet');
    return address;
  }

  /** Resolves when /readyz is answered, in whatever state the cluster is now; asks every `every` ms. */
  async untilApiAnswers(every: number): Promise<void> {
    const api = await this.api();
    await eventually(async () => (await api.get('/readyz', AbortSignal.timeout(LIMIT))) !== undefined, {
      what: `the API of ${this.#cluster} answers`,
      within: LIMIT,
      every,
    });
  }

  /** Resolves when the cluster is of use by the factory's own measure: API, node, DNS, ingress. */
  async untilOfUse(): Promise<void> {
    const signal = AbortSignal.timeout(LIMIT);
    const server = await this.#server();
    const awaited = {
      api: await this.api(),
      ingress: await this.address(),
      nodes: 1,
      ...(await runningServer(this.#engine, server, signal)),
    };
    await untilNodesReady(awaited, silent, signal);
    await untilServicesReady(awaited, silent, signal);
  }

  /** Waits for the kubeconfig of a cluster that is being made. */
  async api(): Promise<KubeApi> {
    this.#api ??= await eventually(
      async () => {
        const access = await readAdminAccess(this.#engine, await this.#server(), AbortSignal.timeout(LIMIT));
        return createKubeApi(await this.address(), API_PORT, access);
      },
      { what: `${this.#cluster} has a kubeconfig`, within: LIMIT, every: LOOK_EVERY },
    );
    return this.#api;
  }

  async #server(): Promise<ClusterNode> {
    const server = serverOf(await clusterNodes(this.#engine, this.#cluster, AbortSignal.timeout(LIMIT)));
    if (server === undefined) throw new Error(`${this.#cluster} has no server`);
    return server;
  }
}
