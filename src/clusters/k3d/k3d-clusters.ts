import { join } from 'node:path';
import { containerMemory } from '../../docker-engine/container-memory.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { workspaceLabels } from '../../docker-engine/workspace-labels.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ImageStore } from '../../images/image-store.ts';
import type { ClusterDefinition } from '../../labs/lab-definition.ts';
import type { Logger } from '../../logging/logger.ts';
import { type DockerNames, dockerNames } from '../../names/docker-names.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { SubnetPool } from '../../subnets/subnet-pool.ts';
import type { ClusterAddresses, ClusterState, Clusters } from '../../workspaces/ports/clusters.ts';
import type { Progress } from '../../workspaces/ports/progress.ts';
import type { ClusterAttachment } from '../../workspaces/ports/runtime.ts';
import { type Attempt, type AttemptOptions, attempt } from './attempt.ts';
import { API_PORT, ClusterLookup, type FoundCluster } from './cluster-lookup.ts';
import { clusterNetwork, MOST_AGENTS } from './cluster-network.ts';
import { clusterNodes, keysOfNodes, members, NODE_LABEL } from './cluster-nodes.ts';
import { markComplete } from './completion-mark.ts';
import { type CreationRecords, createCreationRecords } from './creation-records.ts';
import { checkDiskSpace } from './disk-space.ts';
import { k3sIsInit } from './init-process.ts';
import { type K3dProgramOptions, runK3d } from './k3d-program.ts';
import { createWithK3d, tell } from './k3d-run.ts';
import { keptLogFile } from './kept-log.ts';
import { kubeconfig } from './kubeconfig.ts';
import { pauseNodes, stopNodes, unpauseNodes } from './node-actions.ts';
import { observeCluster } from './observe-cluster.ts';
import { untilNodesReady, untilResumed, untilServicesReady } from './readiness.ts';
import { removeCluster } from './removal.ts';
import { simpleConfig } from './simple-config.ts';
import { upstreamResolvConf } from './upstream-resolvers.ts';

export interface K3dClustersOptions {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  /** Path of k3d, or its name on PATH. */
  readonly k3d: string;
  /** k3d's own images, where the usual ones cannot be pulled. */
  readonly k3dImages?: K3dProgramOptions['images'];
  /** The node image of labs that name none. */
  readonly defaultImage: string;
  readonly images: ImageStore;
  readonly subnets: SubnetPool;
  /** Bytes. */
  readonly minFreeDisk: number;
  /** A folder of our own: k3d's home, records of creations. */
  readonly folder: string;
  /** Where the logs of creations and starts that failed are kept. */
  readonly logFolder: string;
  /** The public host of a workspace, which its API's certificate names. */
  readonly hostOf: (key: WorkspaceKey) => string;
  /** "https://…" of the public kube entry point, and the name in the certificate where the URL has another. */
  readonly publicApi: (key: WorkspaceKey) => { readonly server: string; readonly tlsServerName?: string };
  readonly logger: Logger;
}

/** For a cluster whose label does not say; ms. */
const DEFAULT_START_LIMIT = 180_000;
/** How long a resume may take; ms. Two minutes of pause on a busy machine cost 2 s. */
const RESUME_LIMIT = 60_000;
/** How long a start waits for a DNS and an ingress that the student may have broken or scaled away; ms. */
const SERVICES_LIMIT = 45_000;
/** `Clusters` on k3d and the Docker engine of this host. Docker's labels are all it knows of what exists. */
export function createK3dClusters(options: K3dClustersOptions): Clusters {
  return new K3dClusters(options);
}

class K3dClusters implements Clusters {
  readonly #options: K3dClustersOptions;
  readonly #engine: DockerEngine;
  readonly #program: K3dProgramOptions;
  readonly #records: CreationRecords;
  readonly #lookup: ClusterLookup;

  constructor(options: K3dClustersOptions) {
    const home = join(options.folder, 'k3d-home');
    this.#options = options;
    this.#engine = options.engine;
    this.#program = { binary: options.k3d, home, images: options.k3dImages ?? {} };
    this.#records = createCreationRecords(options.folder);
    this.#lookup = new ClusterLookup(options.engine);
  }

  observe(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterState> {
    return observeCluster(this.#engine, this.#names(key), signal);
  }

  async list(signal: AbortSignal): Promise<readonly WorkspaceKey[]> {
    const keys = [...(await keysOfNodes(this.#engine, this.#options.instance, signal))];
    for (const key of await this.#records.list()) {
      if ((await this.observe(key, signal)) !== 'absent') keys.push(key);
    }
    return [...new Map(keys.map((key) => [formatWorkspaceKey(key), key])).values()];
  }

  async create(
    key: WorkspaceKey,
    definition: ClusterDefinition,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    if (definition.agents > MOST_AGENTS) throw tooManyAgents(key, definition.agents);
    const state = await this.observe(key, signal);
    if (state === 'incomplete') await this.remove(key, signal);
    else if (state !== 'absent') return;
    await checkDiskSpace(this.#engine, this.#options.minFreeDisk, signal);
    const image = definition.image ?? this.#options.defaultImage;
    await this.#options.images.ensure(image, progress, signal);
    const undo = (patience: AbortSignal) => this.remove(key, patience);
    const timeout = definition.startTimeout;
    await attempt(this.#attemptOptions(key, { timeout, progress, signal, undo }), (one) =>
      this.#create(key, definition, image, one),
    );
  }

  async start(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void> {
    const state = await this.observe(key, signal);
    if (state === 'running') return;
    if (state === 'suspended') return this.resume(key, progress, signal);
    const { nodes, server } = await this.#find(key, signal);
    const undo = (patience: AbortSignal) => stopNodes(this.#engine, nodes, patience);
    const timeout = Number(server.labels[NODE_LABEL.startTimeout]) || DEFAULT_START_LIMIT;
    await attempt(this.#attemptOptions(key, { timeout, progress, signal, undo }), (one) =>
      this.#start(key, timeout, one),
    );
  }

  async resume(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void> {
    const cluster = await this.#find(key, signal);
    progress('waking its node');
    await unpauseNodes(this.#engine, cluster.nodes, signal);
    progress('waiting for the Kubernetes API');
    const api = await this.#lookup.api(cluster, signal);
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(RESUME_LIMIT)]);
    try {
      await untilResumed({ api, ingress: cluster.network.server }, bounded);
    } catch (cause) {
      signal.throwIfAborted();
      const message = 'The cluster does not answer after its pause; reset it if it stays so.';
      throw new FactoryError('CLUSTER_FAILED', message, { cause });
    }
  }

  async suspend(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const { nodes } = await this.#find(key, signal);
    await pauseNodes(this.#engine, members(nodes), signal);
  }

  async stop(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const { nodes } = await this.#find(key, signal);
    await stopNodes(this.#engine, nodes, signal);
  }

  async remove(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const names = this.#names(key);
    await removeCluster(this.#engine, names, signal);
    await this.#records.remove(names.cluster);
  }

  setAside(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    return this.remove(key, signal);
  }

  async memory(key: WorkspaceKey, signal: AbortSignal): Promise<number | undefined> {
    const nodes = await clusterNodes(this.#engine, this.#names(key).cluster, signal);
    const each = await Promise.all(nodes.map((node) => containerMemory(this.#engine, node.id, signal)));
    return sumOfKnown(each);
  }

  async addresses(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterAddresses> {
    const { network } = await this.#find(key, signal);
    return { ingress: network.server, api: { host: network.server, port: API_PORT } };
  }

  async attachment(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterAttachment> {
    const cluster = await this.#find(key, signal);
    const access = await this.#lookup.access(cluster, signal);
    const server = `https://${cluster.network.server}:${API_PORT}`;
    return {
      network: this.#names(key).clusterNetwork,
      address: cluster.network.labContainer,
      kubeconfig: kubeconfig({ access, name: key.lab, server }),
    };
  }

  async publicKubeconfig(key: WorkspaceKey, signal: AbortSignal): Promise<string> {
    const access = await this.#lookup.access(await this.#find(key, signal), signal);
    return kubeconfig({ access, name: `${key.user}-${key.lab}`, ...this.#options.publicApi(key) });
  }

  async #create(
    key: WorkspaceKey,
    definition: ClusterDefinition,
    image: string,
    one: Attempt,
  ): Promise<void> {
    const names = this.#names(key);
    using subnet = await this.#options.subnets.reserve(one.signal);
    const network = clusterNetwork(subnet.cidr);
    const config = simpleConfig({
      name: names.cluster,
      image,
      definition,
      network,
      labels: {
        ...workspaceLabels(this.#options.instance, key, 'node'),
        [NODE_LABEL.agents]: String(definition.agents),
        [NODE_LABEL.startTimeout]: String(definition.startTimeout),
      },
      tlsNames: [this.#options.hostOf(key)],
      resolvConf: await upstreamResolvConf(),
    });
    const configFile = await this.#records.write(names.cluster, config);
    const run = {
      timeout: definition.startTimeout,
      asInit: await k3sIsInit(this.#engine, one.signal),
      signal: one.signal,
    };
    await createWithK3d(this.#engine, this.#program, {
      ...one,
      cluster: names.cluster,
      networkName: names.clusterNetwork,
      configFile,
      network,
      limits: definition.limits,
      run,
    });
    const cluster = await this.#find(key, one.signal);
    const awaited = await this.#lookup.awaited(cluster, one.signal);
    await untilNodesReady(awaited, one.progress, one.signal);
    await untilServicesReady(awaited, one.progress, one.signal);
    await markComplete(this.#engine, cluster.nodes, one.signal);
    await this.#records.remove(names.cluster);
  }

  async #start(key: WorkspaceKey, timeout: number, one: Attempt): Promise<void> {
    const { cluster } = this.#names(key);
    await runK3d(this.#program, {
      args: ['cluster', 'start', cluster, '--wait', '--timeout', `${Math.ceil(timeout / 1000)}s`],
      timeout,
      asInit: await k3sIsInit(this.#engine, one.signal),
      signal: one.signal,
      onLine: (line) => tell(line, one),
    });
    const awaited = await this.#lookup.awaited(await this.#find(key, one.signal), one.signal);
    await untilNodesReady(awaited, one.progress, one.signal);
    const patience = AbortSignal.any([one.signal, AbortSignal.timeout(SERVICES_LIMIT)]);
    try {
      await untilServicesReady(awaited, one.progress, patience);
    } catch {
      one.signal.throwIfAborted();
      one.logger.warn('DNS or ingress of the cluster does not come up; the student may have changed them');
    }
  }

  #attemptOptions(
    key: WorkspaceKey,
    options: Pick<AttemptOptions, 'timeout' | 'progress' | 'signal' | 'undo'>,
  ): AttemptOptions {
    const { cluster } = this.#names(key);
    return {
      ...options,
      engine: this.#engine,
      cluster,
      logFile: keptLogFile(this.#options.logFolder, cluster),
      logger: this.#options.logger.child({ workspace: formatWorkspaceKey(key) }),
    };
  }

  #find(key: WorkspaceKey, signal: AbortSignal): Promise<FoundCluster> {
    return this.#lookup.find(this.#names(key), signal);
  }

  #names(key: WorkspaceKey): DockerNames {
    return dockerNames(this.#options.instance, key);
  }
}

/** Undefined where one of them is. */
function sumOfKnown(numbers: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const number of numbers) {
    if (number === undefined) return undefined;
    sum += number;
  }
  return sum;
}

function tooManyAgents(key: WorkspaceKey, agents: number): FactoryError {
  return new FactoryError(
    'LAB_INVALID',
    `The lab ${key.lab} asks for ${agents} agents; ${MOST_AGENTS} is the most there can be.`,
  );
}
