import type { ClusterApiTarget, KubeconfigFor } from '../api/cluster-api-target.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { History } from '../history/history.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { WorkspacePorts } from '../workspaces/workspace-controller.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';

export interface ClusterApiTargetOptions {
  readonly workspaces: Workspaces;
  readonly ports: WorkspacePorts;
  readonly history: Pick<History, 'read'>;
  readonly urls: ClusterApiTarget['urls'];
  readonly admit: ClusterApiTarget['admit'];
}

/** The running factory as the HTTP API sees it. */
export function createClusterApiTarget({
  workspaces,
  ports: { clusters, routes },
  history,
  urls,
  admit,
}: ClusterApiTargetOptions): ClusterApiTarget {
  const kubeconfig = {
    container: async (key, signal) => (await clusters.attachment(key, signal)).kubeconfig,
    outside: (key, signal) => clusters.publicKubeconfig(key, signal),
  } satisfies Record<KubeconfigFor, (key: WorkspaceKey, signal: AbortSignal) => Promise<string>>;
  return {
    snapshots: () => workspaces.snapshots(),
    snapshot: (key) => workspaces.snapshot(key),
    onChange: (key, listener) => workspaces.onPhaseChange(key, listener),
    admit,
    command: (key, command, by, signal) => workspaces.command(key, command, by, signal),
    extend: (key, ms) => workspaces.extend(key, ms),
    nodes: (key, signal) => clusters.nodes(key, signal),
    logs: (key, options, signal) => clusters.logs(key, options, signal),
    async kubeconfig(key, from, signal) {
      assertReady(key, workspaces);
      return kubeconfig[from](key, signal);
    },
    events: (query, signal) => history.read(query, signal),
    route: (key) => routes.current(key),
    urls,
  };
}

function assertReady(key: WorkspaceKey, workspaces: Workspaces): void {
  const cluster = workspaces.snapshot(key)?.cluster;
  if (cluster === undefined) {
    throw new FactoryError('LAB_WITHOUT_CLUSTER', `The lab ${key.lab} has no cluster.`);
  }
  if (cluster.phase.kind === 'ready') return;
  throw new FactoryError(
    'CLUSTER_NOT_READY',
    'The cluster is not of use now, so there is no access to it; start it, or wait until it is.',
  );
}
