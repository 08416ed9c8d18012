import type { ClusterDefinition, Given } from '../../labs/lab-definition.ts';
import type { NodeName } from '../../names/node-name.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Progress } from './progress.ts';
import type { ClusterAttachment } from './runtime.ts';

/**
 * What is there of a workspace's cluster now. `incomplete`: a creation or removal that did not finish (the factory was killed
 * in the middle, or k3d failed); it can only be removed. A finished cluster that lost a node is not that: what is left of it is
 * stopped or running, and `start` says whether it can be brought back. `restarted`: it runs, and was started by somebody else
 * since it was last of use, so its API may not answer yet and its access may have changed.
 */
export type ClusterState = 'absent' | 'incomplete' | 'stopped' | 'running' | 'restarted' | 'suspended';

/** Where a cluster's entry points are, as seen from this host. */
export interface ClusterAddresses {
  /** IPv4 of the node that serves ingress (ports 80 and 443). */
  readonly ingress: string;
  /** IPv4 and port of the Kubernetes API. */
  readonly api: { readonly host: string; readonly port: number };
}

/** One node of a cluster now. */
export interface ClusterNodeStatus {
  readonly name: NodeName;
  readonly role: 'server' | 'agent';
  /** `taken_down`: by `stopNode`, and so it stays over suspend and stop until `startNode`. */
  readonly state: 'running' | 'suspended' | 'stopped' | 'taken_down';
  /** IPv4 in the cluster's network, where it has one now. */
  readonly address: string | undefined;
  /** Whether Kubernetes calls it Ready; undefined while its API is not asked or does not answer soon. */
  readonly ready: boolean | undefined;
  /** Of its kubelet, "v1.35.0+k3s1"; undefined as `ready`. */
  readonly version: string | undefined;
  /** Since when its container runs, ms since the epoch. */
  readonly since: number | undefined;
  /** What it takes of the host's memory now, bytes; undefined where nobody can tell. */
  readonly memory: number | undefined;
  /** Cores that it uses on average since it was started or looked at last, 0 where it does not run; undefined where nobody can tell. */
  readonly cpu: number | undefined;
}

/** What there is to read of one cluster; secrets are masked. */
export interface ClusterLogs {
  readonly nodes: readonly {
    readonly name: string;
    /** Docker's word: running, paused, exited, … */
    readonly state: string;
    readonly lines: readonly string[];
  }[];
  /** Of the last creation or start that failed. */
  readonly kept: { readonly writtenAt: Date; readonly lines: readonly string[] } | undefined;
}

/**
 * Runs the clusters. Every method rejects with a `FactoryError` (`CLUSTER_FAILED` with the last lines of the node's log in
 * `detail`, `CLUSTER_BROKEN` where trying again cannot help and a reset does, `K3D_MISSING`, `DISK_NEARLY_FULL`,
 * `SUBNETS_EXHAUSTED`, `SUBNET_TAKEN`, `IMAGE_UNAVAILABLE`, `DOCKER_UNAVAILABLE`, `TIMED_OUT`), and rejects when `signal` aborts. Each is idempotent: asked for what is so already, it does nothing.
 */
export interface Clusters {
  observe(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterState>;
  /** Every workspace of this factory that has nodes or a network of a cluster, whatever their state. */
  list(signal: AbortSignal): Promise<readonly WorkspaceKey[]>;
  /**
   * Creates the cluster and resolves when it is of use: the API answers, every node is Ready, DNS and the ingress controller
   * answer. A failed or aborted creation leaves nothing behind, or leaves it `incomplete`. `given`: what the lab of the definition was
   * rendered with, for who renders it again.
   */
  create(
    key: WorkspaceKey,
    definition: ClusterDefinition,
    given: Given,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * From `stopped`; repairs what a start needs, and resolves when the cluster is of use, as `create` does. A DNS or ingress that
   * its owner has broken holds it up for a while only.
   */
  start(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void>;
  /**
   * From `suspended` or `restarted`; resolves when the API, DNS and the ingress answer. Nodes may be NotReady for some seconds
   * then. One that does not answer is stopped, so that the next step is a start.
   */
  resume(key: WorkspaceKey, progress: Progress, signal: AbortSignal): Promise<void>;
  /** Pauses it. A cluster of several servers is stopped instead: it is `stopped` afterwards, not `suspended`. */
  suspend(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  stop(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  remove(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  /**
   * As `remove`, but the state of the cluster is kept where its operator can find it, until a later one of this workspace
   * takes its place or the operator removes it.
   */
  setAside(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  /** What the nodes together take of the host's memory now, bytes; 0 while none has processes, undefined where nobody can tell. */
  memory(key: WorkspaceKey, signal: AbortSignal): Promise<number | undefined>;
  addresses(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterAddresses>;
  /** What the lab container needs to join the cluster's network and to use its API. */
  attachment(key: WorkspaceKey, signal: AbortSignal): Promise<ClusterAttachment>;
  /** Its nodes, servers first; none where there is no cluster. */
  nodes(key: WorkspaceKey, signal: AbortSignal): Promise<readonly ClusterNodeStatus[]>;
  /** Stops one agent of a running cluster, as a node that is lost. Rejects with `NODE_UNKNOWN`; a server is refused with it, too. */
  stopNode(key: WorkspaceKey, node: NodeName, signal: AbortSignal): Promise<void>;
  /** Starts an agent that was stopped so, and resolves when it is Ready. Rejects with `NODE_UNKNOWN`, `CLUSTER_NOT_READY`. */
  startNode(key: WorkspaceKey, node: NodeName, signal: AbortSignal): Promise<void>;
  /** `lines`: at most so many of each, the last ones. */
  logs(key: WorkspaceKey, options: { readonly lines: number }, signal: AbortSignal): Promise<ClusterLogs>;
  /** A kubeconfig (YAML) for the student's own machine, through the public kube entry point. */
  publicKubeconfig(key: WorkspaceKey, signal: AbortSignal): Promise<string>;
}
