import { join } from 'node:path';
import type { AcmeAuthority } from '../../acme/acme-authority.ts';
import { containerMemory } from '../../docker-engine/container-memory.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { workspaceLabels } from '../../docker-engine/workspace-labels.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { MOST_NODES } from '../../labs/cluster-size.ts';
import type { ClusterDefinition, Given } from '../../labs/lab-definition.ts';
import type { Logger } from '../../logging/logger.ts';
import { type DockerNames, dockerNames } from '../../names/docker-names.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import type { NodeName } from '../../names/node-name.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { SubnetPool } from '../../subnets/subnet-pool.ts';
import { withFreeSubnet } from '../../subnets/with-free-subnet.ts';
import type {
  ClusterAddresses,
  ClusterLogs,
  ClusterNodeStatus,
  ClusterState,
  Clusters,
} from '../../workspaces/ports/clusters.ts';
import type { Progress } from '../../workspaces/ports/progress.ts';
import type { ClusterAttachment } from '../../workspaces/ports/runtime.ts';
import { isBeingSetAside, keysBeingSetAside, setAside } from './aside/set-aside.ts';
import { readClusterLogs } from './cluster-logs.ts';
import { API_PORT, ClusterLookup, type FoundCluster } from './cluster-lookup.ts';
import { type Attempt, type AttemptOptions, attempt } from './creation/attempt.ts';
import { type CreationRecords, createCreationRecords } from './creation/creation-records.ts';
import { checkDiskSpace } from './creation/disk-space.ts';
import { ingressManifests } from './creation/ingress/ingress-manifests.ts';
import { leaveToStudent } from './creation/ingress/leave-to-student.ts';
import type { K3dProgramOptions } from './creation/k3d-program.ts';
import { createWithK3d } from './creation/k3d-run.ts';
import { keptLogFile } from './creation/kept-log.ts';
import { simpleConfig } from './creation/simple-config.ts';
import { upstreamResolvConf } from './creation/upstream-resolvers.ts';
import { kubeconfig } from './kubernetes/kubeconfig.ts';
import {
  type AwaitedCluster,
  untilApiAnswers,
  untilNodesReady,
  untilServicesReady,
  untilServicesResumed,
} from './kubernetes/readiness.ts';
import { type ClusterNetwork, clusterNetwork } from './network/cluster-network.ts';
import { type AgentInput, bringBack, takeDown } from './node-loss.ts';
import { NodeStatuses } from './node-statuses.ts';
import {
  type ClusterNode,
  clusterNodes,
  keysOfNodes,
  members,
  NODE_LABEL,
  serverOf,
  serversOf,
} from './nodes/cluster-nodes.ts';
import { markComplete } from './nodes/completion-mark.ts';
import { k3sIsInit } from './nodes/init-process.ts';
import { pauseNodes, stopNodes, unpauseNodes } from './nodes/node-actions.ts';
import { strayNodes } from './nodes/node-address.ts';
import { type Observation, observeCluster } from './observe-cluster.ts';
import { HopelessStarts, type StartFailure } from './recovery/hopeless-starts.ts';
import { startCluster, untilServicesStarted } from './recovery/start-cluster.ts';
import { removeCluster } from './removal.ts';

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
  /** Labels for a cluster's first server, for programs of the operator's that read them from Docker. */
  readonly firstServerLabels: (key: WorkspaceKey) => Readonly<Record<string, string>>;
  /** Who gives out certificates in the clusters. */
  readonly acme: AcmeAuthority;
  /** "https://…" of the public kube entry point, and the name in the certificate where the URL has another. */
  readonly publicApi: (key: WorkspaceKey) => { readonly server: string; readonly tlsServerName?: string };
  readonly logger: Logger;
}

/** For a cluster whose label does not say; ms. */
const DEFAULT_START_LIMIT = 180_000;
/** How long a resume may take, where it is no start by somebody else; ms. Two minutes of pause on a busy machine cost 2 s. */
const RESUME_LIMIT = 60_000;
/** How long a resume waits for a DNS and an ingress that the student may have broken, once the API answers; ms. */
const SERVICES_LIMIT = 10_000;

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
  readonly #statuses: NodeStatuses;
  readonly #hopeless = new HopelessStarts();
  /** By k3d's name of the cluster: which life of its server we saw through to being of use. */
  readonly #lives = new Map<string, string>();

  constructor(options: K3dClustersOptions) {
    const home = join(options.folder, 'k3d-home');
    this.#options = options;
    this.#engine = options.engine;
    this.#program = { binary: options.k3d, home, images: options.k3dImages ?? {} };
    this.#records = createCreationRecords(options.folder);
    this.#lookup = new ClusterLookup(options.engine);
    this.#statuses = new NodeStatuses(options.engine, this.#lookup);
  }

  async observe(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterState> {
    const { state, life } = await this.#observe(key, signal);
    const known = this.#lives.get(this.#names(key).cluster);
    return state === 'running' && known !== undefined && known !== life ? 'restarted' : state;
  }

  async list(signal: AbortSignal): Promise<readonly WorkspaceKey[]> {
    const keys = [...(await keysOfNodes(this.#engine, this.#options.instance, signal))];
    const cutOff = [...(await this.#records.list()), ...(await keysBeingSetAside(this.#options))];
    for (const key of cutOff) {
      if ((await this.observe(key, signal)) !== 'absent') keys.push(key);
    }
    return [...new Map(keys.map((key) => [formatWorkspaceKey(key), key])).values()];
  }

  async create(
    key: WorkspaceKey,
    definition: ClusterDefinition,
    _given: Given,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    const nodes = definition.servers + definition.agents;
    if (nodes > MOST_NODES) throw tooManyNodes(key, nodes);
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
    await this.#noteLife(key, signal);
  }

  async start(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void> {
    const { state } = await this.#observe(key, signal);
    if (state === 'running') return;
    if (state === 'suspended') return this.resume(key, progress, signal);
    const names = this.#names(key);
    const nodes = await clusterNodes(this.#engine, names.cluster, signal);
    if (serverOf(nodes) === undefined && nodes.length > 0) throw serverGone();
    const cluster = await this.#find(key, signal);
    const { server } = cluster;
    const undo = (patience: AbortSignal) => stopNodes(this.#engine, nodes, patience);
    const isBroken = (failure: StartFailure) => this.#hopeless.judge(server.id, failure);
    const timeout = startLimit(server);
    const parts = { engine: this.#engine, program: this.#program, lookup: this.#lookup };
    await attempt(this.#attemptOptions(key, { timeout, progress, signal, undo, isBroken }), (one) =>
      startCluster({ ...parts, names, cluster, timeout }, one),
    );
    this.#hopeless.wentWell(server.id);
    await this.#noteLife(key, signal);
  }

  async resume(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void> {
    const names = this.#names(key);
    const cluster = await this.#find(key, signal);
    const strays = strayNodes(cluster.nodes, names, cluster.network);
    if (strays.length > 0) {
      const nodes = strays.map(({ name }) => name);
      this.#log(key).warn({ nodes }, 'nodes have lost their network or address; the cluster is started anew');
      await stopNodes(this.#engine, cluster.nodes, signal);
      return this.start(key, progress, signal);
    }
    progress('waking its node');
    await unpauseNodes(this.#engine, cluster.nodes, signal);
    const { life } = await this.#observe(key, signal);
    const known = this.#lives.get(names.cluster);
    const wasRestarted = known !== undefined && known !== life;
    const resumed = { api: this.#lookup.api(cluster), ingress: cluster.network.server };
    let restarted: AwaitedCluster | undefined;
    const limit = wasRestarted ? startLimit(cluster.server) : RESUME_LIMIT;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
    try {
      progress('waiting for the Kubernetes API');
      if (wasRestarted) restarted = await this.#untilRestarted(cluster, progress, bounded);
      else await untilApiAnswers(resumed.api, bounded);
    } catch (cause) {
      signal.throwIfAborted();
      // A cluster that Docker kept us from asking may be well, and is left as it is.
      const failure = bounded.aborted ? this.#lookup.hindrance(cluster) : cause;
      if (failure !== undefined && !isOfCluster(failure)) throw failure;
      // A start renews and repairs more than a wait can, so the next try shall be one.
      await stopNodes(this.#engine, cluster.nodes, signal);
      const message =
        'The cluster does not answer, so it is started anew at the next try; reset it if it stays so.';
      throw new FactoryError('CLUSTER_FAILED', message, { cause });
    }
    const logger = this.#log(key);
    if (restarted !== undefined) await untilServicesStarted(restarted, { signal, progress, logger });
    else await untilServicesBack(resumed, logger, signal);
    if (life !== undefined) this.#lives.set(names.cluster, life);
  }

  async suspend(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const nodes = await clusterNodes(this.#engine, this.#names(key).cluster, signal);
    if (serversOf(nodes).length > 1) return stopNodes(this.#engine, nodes, signal);
    await pauseNodes(this.#engine, members(nodes), signal);
  }

  async stop(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const nodes = await clusterNodes(this.#engine, this.#names(key).cluster, signal);
    await stopNodes(this.#engine, nodes, signal);
  }

  async remove(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    // A setting aside that was cut off goes on as what it was.
    if (await isBeingSetAside(this.#options, key)) return this.setAside(key, signal);
    const names = this.#names(key);
    await this.#records.writeRemoval(names.cluster, workspaceLabels(this.#options.instance, key, 'node'));
    await removeCluster(this.#engine, names, signal);
    await this.#records.remove(names.cluster);
    this.#lives.delete(names.cluster);
  }

  async setAside(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const { cluster } = this.#names(key);
    const aside = await setAside(this.#options, key, signal);
    this.#lives.delete(cluster);
    if (aside === undefined) return;
    const volumes = aside.volumes.map(({ node, path, volume }) => ({ node, path, volume }));
    this.#log(key).info({ cluster, volumes }, 'cluster set aside');
  }

  async memory(key: WorkspaceKey, signal: AbortSignal): Promise<number | undefined> {
    const nodes = await clusterNodes(this.#engine, this.#names(key).cluster, signal);
    const each = await Promise.all(nodes.map((node) => containerMemory(this.#engine, node.id, signal)));
    return sumOfKnown(each);
  }

  nodes(key: WorkspaceKey, signal: AbortSignal): Promise<readonly ClusterNodeStatus[]> {
    return this.#statuses.of(this.#names(key), signal);
  }

  stopNode(key: WorkspaceKey, node: NodeName, signal: AbortSignal): Promise<void> {
    return takeDown(this.#agent(key, node), signal);
  }

  startNode(key: WorkspaceKey, node: NodeName, signal: AbortSignal): Promise<void> {
    return bringBack(this.#agent(key, node), signal);
  }

  async logs(key: WorkspaceKey, { lines }: { lines: number }, signal: AbortSignal): Promise<ClusterLogs> {
    const { cluster } = this.#names(key);
    const { engine, logFolder: folder } = this.#options;
    return readClusterLogs({ engine, cluster, folder, lines }, signal);
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
    await withFreeSubnet(this.#options.subnets, one.signal, ({ cidr }) =>
      this.#createNodes(key, definition, image, clusterNetwork(cidr), one),
    );
    const cluster = await this.#find(key, one.signal);
    const awaited = await this.#lookup.awaited(cluster, one.signal);
    await untilNodesReady(awaited, one.progress, one.signal);
    await untilServicesReady(awaited, one.progress, one.signal);
    const servers = serversOf(cluster.nodes);
    await leaveToStudent(this.#engine, { definition, servers, api: awaited.api }, one);
    // Before the mark: with a record a finished cluster is one that is being removed.
    await this.#records.remove(this.#names(key).cluster);
    await markComplete(this.#engine, cluster.nodes, one.signal);
  }

  async #createNodes(
    key: WorkspaceKey,
    definition: ClusterDefinition,
    image: string,
    network: ClusterNetwork,
    one: Attempt,
  ): Promise<void> {
    const names = this.#names(key);
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
      firstServerLabels: this.#options.firstServerLabels(key),
      tlsNames: [this.#options.hostOf(key)],
      resolvConf: await upstreamResolvConf(one.signal),
      manifests: ingressManifests(this.#options.acme, definition, network),
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
  }

  #attemptOptions(
    key: WorkspaceKey,
    options: Pick<AttemptOptions, 'timeout' | 'progress' | 'signal' | 'undo' | 'isBroken'>,
  ): AttemptOptions {
    const { cluster } = this.#names(key);
    return {
      ...options,
      engine: this.#engine,
      cluster,
      logFile: keptLogFile(this.#options.logFolder, cluster),
      logger: this.#log(key),
    };
  }

  /** After a start by somebody else. k3s writes its access anew before its node is Ready, and after its API answers. */
  async #untilRestarted(
    cluster: FoundCluster,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<AwaitedCluster> {
    const awaited = await this.#lookup.awaited(cluster, signal);
    await untilNodesReady(awaited, progress, signal);
    this.#lookup.forgetAccess(cluster);
    return awaited;
  }

  async #observe(key: WorkspaceKey, signal: AbortSignal): Promise<Observation> {
    const names = this.#names(key);
    const half = (await this.#records.has(names.cluster)) || (await isBeingSetAside(this.#options, key));
    return observeCluster(this.#engine, names, signal, { half });
  }

  async #noteLife(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const { life } = await this.#observe(key, signal);
    if (life !== undefined) this.#lives.set(this.#names(key).cluster, life);
  }

  #log(key: WorkspaceKey): Logger {
    return this.#options.logger.child({ workspace: formatWorkspaceKey(key) });
  }

  #find(key: WorkspaceKey, signal: AbortSignal): Promise<FoundCluster> {
    return this.#lookup.find(this.#names(key), signal);
  }

  #agent(key: WorkspaceKey, node: NodeName): AgentInput {
    const { engine } = this.#options;
    return { engine, lookup: this.#lookup, names: this.#names(key), node, logger: this.#log(key) };
  }

  #names(key: WorkspaceKey): DockerNames {
    return dockerNames(this.#options.instance, key);
  }
}

async function untilServicesBack(
  resumed: Pick<AwaitedCluster, 'api' | 'ingress'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    await untilServicesResumed(resumed, AbortSignal.any([signal, AbortSignal.timeout(SERVICES_LIMIT)]));
  } catch {
    signal.throwIfAborted();
    logger.warn('DNS or ingress of the cluster does not answer; the student may have changed them');
  }
}

/** How long a start may take; ms. */
function startLimit(server: ClusterNode): number {
  return Number(server.labels[NODE_LABEL.startTimeout]) || DEFAULT_START_LIMIT;
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

function isOfCluster(failure: unknown): boolean {
  return failure instanceof FactoryError && failure.code === 'CLUSTER_FAILED';
}

function serverGone(): FactoryError {
  return new FactoryError(
    'CLUSTER_BROKEN',
    'The node that holds the state of the cluster is gone; reset the cluster.',
  );
}

function tooManyNodes(key: WorkspaceKey, nodes: number): FactoryError {
  return new FactoryError(
    'LAB_INVALID',
    `The lab ${key.lab} asks for ${nodes} servers and agents; ${MOST_NODES} is the most there can be.`,
  );
}
