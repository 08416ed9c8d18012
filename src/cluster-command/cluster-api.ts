import type {
  Cluster,
  ClusterApiClient,
  ClusterLogs,
  ClusterProgress,
  EventsOptions,
} from '../api-client/cluster-api-client.ts';
import type { RecordedEvent } from '../history/event-schema.ts';
import type { NodeName } from '../names/node-name.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';

/** The HTTP API, of the cluster of one workspace. Every method rejects as those of `ClusterApiClient` do. */
export interface ClusterApi {
  status(signal: AbortSignal): Promise<Cluster>;
  /** Resolves when it is of use; `onProgress` is told what is done until then. */
  ensure(onProgress: (progress: ClusterProgress) => void, signal: AbortSignal): Promise<Cluster>;
  suspend(signal: AbortSignal): Promise<Cluster>;
  stop(signal: AbortSignal): Promise<Cluster>;
  reset(signal: AbortSignal): Promise<Cluster>;
  remove(signal: AbortSignal): Promise<Cluster>;
  stopNode(node: NodeName, signal: AbortSignal): Promise<Cluster>;
  startNode(node: NodeName, signal: AbortSignal): Promise<Cluster>;
  /** `ms`: by how much. Resolves with the first of the new ends, ms since the epoch. */
  extend(ms: number, signal: AbortSignal): Promise<number>;
  kubeconfig(from: 'container' | 'outside', signal: AbortSignal): Promise<string>;
  /** `lines`: of each node, the last ones. */
  logs(lines: number, signal: AbortSignal): Promise<ClusterLogs>;
  events(options: EventsOptions, signal: AbortSignal): AsyncIterable<RecordedEvent>;
}

export function clusterApiOf(client: ClusterApiClient, key: WorkspaceKey): ClusterApi {
  return {
    status: (signal) => client.status(key, signal),
    ensure: (onProgress, signal) => client.ensure(key, { onProgress }, signal),
    suspend: (signal) => client.suspend(key, {}, signal),
    stop: (signal) => client.stop(key, {}, signal),
    reset: (signal) => client.reset(key, {}, signal),
    remove: (signal) => client.remove(key, {}, signal),
    stopNode: (node, signal) => client.stopNode(key, node, {}, signal),
    startNode: (node, signal) => client.startNode(key, node, {}, signal),
    extend: (ms, signal) => client.extend(key, ms, signal),
    kubeconfig: (from, signal) => client.kubeconfig(key, from, signal),
    logs: (lines, signal) => client.logs(key, { lines }, signal),
    events: (options, signal) => client.events(key, options, signal),
  };
}
