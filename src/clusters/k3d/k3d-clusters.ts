import { join } from 'node:path';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { workspaceLabels, workspaceOfLabels } from '../../docker-engine/workspace-labels.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ImageStore } from '../../images/image-store.ts';
import type { ClusterDefinition } from '../../labs/lab-definition.ts';
import type { Logger } from '../../logging/logger.ts';
import { type DockerNames, dockerNames, LABEL } from '../../names/docker-names.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { SubnetPool } from '../../subnets/subnet-pool.ts';
import type { ClusterAddresses, ClusterState, Clusters } from '../../workspaces/ports/clusters.ts';
import type { Progress } from '../../workspaces/ports/progress.ts';
import type { ClusterAttachment } from '../../workspaces/ports/runtime.ts';
import { type AdminAccess, readAdminAccess } from './admin-access.ts';
import { type ClusterNetwork, clusterNetwork, MOST_AGENTS } from './cluster-network.ts';
import { type ClusterNode, clusterNodes, members, NODE_LABEL, serverOf } from './cluster-nodes.ts';
import { clusterState } from './cluster-state.ts';
import { isMarkedComplete, markComplete } from './completion-mark.ts';
import { type CreationRecords, createCreationRecords } from './creation-records.ts';
import { checkDiskSpace } from './disk-space.ts';
import { failureReport } from './failure-report.ts';
import { type K3dProgramOptions, runK3d } from './k3d-program.ts';
import { createWithK3d, tell } from './k3d-run.ts';
import { createKubeApi } from './kube-api.ts';
import { kubeconfig } from './kubeconfig.ts';
import { pauseNodes, stopNodes, unpauseNodes } from './node-actions.ts';
import { type AwaitedCluster, untilNodesReady, untilResumed, untilServicesReady } from './readiness.ts';
import { hasNetwork, removeCluster } from './removal.ts';
import { runningServer } from './running-server.ts';
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
  /** A folder of our own: k3d's home, records of creations, logs of failed ones. */
  readonly folder: string;
  /** The public host of a workspace, which its API's certificate names. */
  readonly hostOf: (key: WorkspaceKey) => string;
  /** "https://…" of the public kube entry point, and the name in the certificate where the URL has another. */
  readonly publicApi: (key: WorkspaceKey) => { readonly server: string; readonly tlsServerName?: string };
  readonly logger: Logger;
}

const API_PORT = 6443;
/** How long a resume may take; ms. Two minutes of pause on a busy machine cost 2 s. */
const RESUME_LIMIT = 60_000;
/** How long a start waits for a DNS and an ingress that the student may have broken or scaled away; ms. */
const SERVICES_LIMIT = 45_000;
/** For the work that follows a failure, which the caller's own signal must not cut short; ms. */
const CLEANUP_LIMIT = 120_000;

/** `Clusters` on k3d and the Docker engine of this host. Docker's labels are all it knows of what exists. */
export function createK3dClusters(options: K3dClustersOptions): Clusters {
  return new K3dClusters(options);
}

class K3dClusters implements Clusters {
  readonly #options: K3dClustersOptions;
  readonly #engine: DockerEngine;
  readonly #program: K3dProgramOptions;
  readonly #records: CreationRecords;
  /** By id of the server's container. */
  readonly #access = new Map<string, AdminAccess>();

  constructor(options: K3dClustersOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.#program = {
      binary: options.k3d,
      home: join(options.folder, 'k3d-home'),
      images: options.k3dImages ?? {},
    };
    this.#records = createCreationRecords(options.folder);
  }

  async observe(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterState> {
    const names = this.#names(key);
    const nodes = await clusterNodes(this.#engine, names.cluster, signal);
    const server = serverOf(nodes);
    return clusterState({
      nodes,
      hasNetwork: nodes.length > 0 || (await hasNetwork(this.#engine, names.clusterNetwork, signal)),
      complete: server !== undefined && (await isMarkedComplete(this.#engine, server, signal)),
    });
  }

  async list(signal: AbortSignal): Promise<readonly WorkspaceKey[]> {
    const containers = await this.#engine.call({
      what: 'list the clusters',
      signal,
      request: (docker, abortSignal) =>
        docker.listContainers({
          all: true,
          filters: { label: [`${LABEL.instance}=${this.#options.instance}`, `${LABEL.role}=node`] },
          abortSignal,
        }),
    });
    const recorded: WorkspaceKey[] = [];
    for (const key of await this.#records.list()) {
      if ((await this.observe(key, signal)) !== 'absent') recorded.push(key);
    }
    const keys = [
      ...containers.flatMap((container) => workspaceOfLabels(container.Labels) ?? []),
      ...recorded,
    ];
    return [...new Map(keys.map((key) => [formatWorkspaceKey(key), key])).values()];
  }

  async create(
    key: WorkspaceKey,
    definition: ClusterDefinition,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    if (definition.agents > MOST_AGENTS) {
      const message = `The lab ${key.lab} asks for ${definition.agents} agents; ${MOST_AGENTS} is the most there can be.`;
      throw new FactoryError('LAB_INVALID', message);
    }
    const state = await this.observe(key, signal);
    if (state === 'incomplete') await this.remove(key, signal);
    else if (state !== 'absent') return;
    await checkDiskSpace(this.#engine, this.#options.minFreeDisk, signal);
    const image = definition.image ?? this.#options.defaultImage;
    await this.#options.images.ensure(image, progress, signal);
    await this.#attempt(key, progress, definition.startTimeout, signal, {
      action: (attempt) => this.#createWithin(key, definition, image, attempt),
      undo: (patience) => this.remove(key, patience),
    });
  }

  async start(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void> {
    const state = await this.observe(key, signal);
    if (state === 'running') return;
    if (state === 'suspended') return this.resume(key, progress, signal);
    const { nodes, server } = await this.#cluster(key, signal);
    const timeout = Number(server.labels[NODE_LABEL.startTimeout]) || CLEANUP_LIMIT;
    await this.#attempt(key, progress, timeout, signal, {
      action: (attempt) => this.#startWithin(key, timeout, attempt),
      undo: (patience) => stopNodes(this.#engine, nodes, patience),
    });
  }

  async resume(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void> {
    const { nodes, server, network } = await this.#cluster(key, signal);
    progress('waking its node');
    await unpauseNodes(this.#engine, nodes, signal);
    progress('waiting for the Kubernetes API');
    const api = createKubeApi(network.server, API_PORT, await this.#accessTo(server, signal));
    const limit = AbortSignal.timeout(RESUME_LIMIT);
    try {
      await untilResumed({ api, ingress: network.server }, AbortSignal.any([signal, limit]));
    } catch (cause) {
      signal.throwIfAborted();
      throw new FactoryError(
        'CLUSTER_FAILED',
        'The cluster does not answer after its pause; reset it if it stays so.',
        {
          cause,
        },
      );
    }
  }

  async suspend(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const { nodes } = await this.#cluster(key, signal);
    await pauseNodes(this.#engine, members(nodes), signal);
  }

  async stop(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const { nodes } = await this.#cluster(key, signal);
    await stopNodes(this.#engine, nodes, signal);
  }

  async remove(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const names = this.#names(key);
    await removeCluster(this.#engine, names, signal);
    await this.#records.remove(names.cluster);
  }

  async addresses(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterAddresses> {
    const { network } = await this.#cluster(key, signal);
    return { ingress: network.server, api: { host: network.server, port: API_PORT } };
  }

  async attachment(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterAttachment> {
    const { server, network } = await this.#cluster(key, signal);
    return {
      network: this.#names(key).clusterNetwork,
      address: network.labContainer,
      kubeconfig: kubeconfig({
        access: await this.#accessTo(server, signal),
        name: key.lab,
        server: `https://${network.server}:${API_PORT}`,
      }),
    };
  }

  async publicKubeconfig(key: WorkspaceKey, signal: AbortSignal): Promise<string> {
    const { server } = await this.#cluster(key, signal);
    const access = await this.#accessTo(server, signal);
    return kubeconfig({ access, name: `${key.user}-${key.lab}`, ...this.#options.publicApi(key) });
  }

  async #createWithin(
    key: WorkspaceKey,
    definition: ClusterDefinition,
    image: string,
    attempt: Attempt,
  ): Promise<void> {
    const names = this.#names(key);
    using subnet = await this.#options.subnets.reserve(attempt.signal);
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
    await createWithK3d(this.#engine, this.#program, {
      cluster: names.cluster,
      networkName: names.clusterNetwork,
      configFile: await this.#records.write(names.cluster, config),
      network,
      limits: definition.limits,
      run: {
        timeout: definition.startTimeout,
        asInit: await this.#asInit(attempt.signal),
        signal: attempt.signal,
      },
      ...attempt,
    });
    const { nodes, awaited } = await this.#awaited(key, attempt.signal);
    await untilNodesReady(awaited, attempt.progress, attempt.signal);
    await untilServicesReady(awaited, attempt.progress, attempt.signal);
    await markComplete(this.#engine, nodes, attempt.signal);
    await this.#records.remove(names.cluster);
  }

  async #startWithin(key: WorkspaceKey, timeout: number, attempt: Attempt): Promise<void> {
    const { cluster } = this.#names(key);
    await runK3d(this.#program, {
      args: ['cluster', 'start', cluster, '--wait', '--timeout', `${Math.ceil(timeout / 1000)}s`],
      timeout,
      asInit: await this.#asInit(attempt.signal),
      signal: attempt.signal,
      onLine: (line) => tell(line, attempt),
    });
    const { awaited } = await this.#awaited(key, attempt.signal);
    await untilNodesReady(awaited, attempt.progress, attempt.signal);
    const patience = AbortSignal.any([attempt.signal, AbortSignal.timeout(SERVICES_LIMIT)]);
    try {
      await untilServicesReady(awaited, attempt.progress, patience);
    } catch {
      attempt.signal.throwIfAborted();
      attempt.logger.warn(
        'DNS or ingress of the cluster does not come up; the student may have changed them',
      );
    }
  }

  /** Runs one creation or start within `timeout`; after a failure keeps the logs, undoes it and says what went wrong. */
  async #attempt(
    key: WorkspaceKey,
    progress: Progress,
    timeout: number,
    signal: AbortSignal,
    work: { action: (attempt: Attempt) => Promise<void>; undo: (patience: AbortSignal) => Promise<void> },
  ): Promise<void> {
    const { cluster } = this.#names(key);
    let step = 'preparing';
    const attempt: Attempt = {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      progress: (next) => {
        step = next;
        progress(next);
      },
      output: [],
      logger: this.#options.logger.child({ workspace: formatWorkspaceKey(key) }),
    };
    try {
      await work.action(attempt);
    } catch (cause) {
      const patience = AbortSignal.timeout(CLEANUP_LIMIT);
      const report = isOwnFault(cause) ? cause : await this.#report(key, step, attempt, cause, patience);
      await work
        .undo(patience)
        .catch((error) => attempt.logger.error({ err: error, cluster }, 'could not tidy up'));
      signal.throwIfAborted();
      throw report;
    }
  }

  async #report(
    key: WorkspaceKey,
    step: string,
    attempt: Attempt,
    cause: unknown,
    signal: AbortSignal,
  ): Promise<FactoryError> {
    const { cluster } = this.#names(key);
    const nodes = await clusterNodes(this.#engine, cluster, signal);
    const logFile = join(this.#options.folder, `${cluster}.log`);
    return failureReport(this.#engine, { nodes, output: attempt.output, step, logFile, cause }, signal);
  }

  async #awaited(
    key: WorkspaceKey,
    signal: AbortSignal,
  ): Promise<{ nodes: readonly ClusterNode[]; awaited: AwaitedCluster }> {
    const { nodes, server, network } = await this.#cluster(key, signal);
    this.#access.delete(server.id);
    const access = await this.#accessTo(server, signal);
    return {
      nodes,
      awaited: {
        api: createKubeApi(network.server, API_PORT, access),
        ingress: network.server,
        nodes: members(nodes).length,
        ...(await runningServer(this.#engine, server, signal)),
      },
    };
  }

  async #cluster(
    key: WorkspaceKey,
    signal: AbortSignal,
  ): Promise<{ nodes: readonly ClusterNode[]; server: ClusterNode; network: ClusterNetwork }> {
    const nodes = await clusterNodes(this.#engine, this.#names(key).cluster, signal);
    const server = serverOf(nodes);
    if (server === undefined) {
      throw new FactoryError('CLUSTER_NOT_READY', 'There is no cluster yet; connect again to have one made.');
    }
    return { nodes, server, network: clusterNetwork(server.labels[NODE_LABEL.subnet] ?? '') };
  }

  async #accessTo(server: ClusterNode, signal: AbortSignal): Promise<AdminAccess> {
    const known = this.#access.get(server.id);
    if (known !== undefined) return known;
    const access = await readAdminAccess(this.#engine, server, signal);
    this.#access.set(server.id, access);
    return access;
  }

  async #asInit(signal: AbortSignal): Promise<boolean> {
    const info: { CgroupVersion?: string } = await this.#engine.call({
      what: 'tell about itself',
      signal,
      request: (docker) => docker.info(),
    });
    return info.CgroupVersion === '2';
  }

  #names(key: WorkspaceKey): DockerNames {
    return dockerNames(this.#options.instance, key);
  }
}

/** What one creation or start carries through its steps. */
interface Attempt {
  /** The caller's, and the time limit. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly output: string[];
  readonly logger: Logger;
}

/** Whether the error speaks for itself, so that no node's log has to. */
function isOwnFault(error: unknown): error is FactoryError {
  return error instanceof FactoryError && error.code !== 'CLUSTER_FAILED';
}
