import { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import type { ApiContext } from './api-context.ts';
import type { ClusterStatus, ClusterSummary } from './cluster-schema.ts';
import { clusterStatus, clusterSummary } from './cluster-status.ts';
import { unknownWorkspace } from './guard.ts';

/** ms; Docker says within it how the nodes are. */
const NODES_LIMIT = 20_000;

/** Rejects with `WORKSPACE_UNKNOWN`, `LAB_WITHOUT_CLUSTER`. */
export async function describeCluster(context: ApiContext, key: WorkspaceKey): Promise<ClusterStatus> {
  const before = context.target.snapshot(key);
  if (before === undefined || !isThere(before)) throw unknownWorkspace();
  const nodes = await nodesOf(context, key);
  // What the controller knows may have changed while Docker was asked, and is what people wait for.
  const summary = summaryOf(context, context.target.snapshot(key) ?? before);
  if (summary === undefined) {
    throw new FactoryError('LAB_WITHOUT_CLUSTER', `The lab ${key.lab} has no cluster.`);
  }
  return clusterStatus(summary, nodes, context.target.route(key));
}

/** Undefined: the workspace has no cluster, or is not there any more. */
export function summaryOf(
  { target, clock }: ApiContext,
  snapshot: WorkspaceSnapshot,
): ClusterSummary | undefined {
  if (!isThere(snapshot)) return undefined;
  const { key } = snapshot;
  return clusterSummary(snapshot, { route: target.route(key), urls: target.urls(key) }, clock.now());
}

/** A controller outlives what it controls: of a workspace that was removed and that nobody wants there is nothing to tell. */
function isThere({ leases, container, cluster }: WorkspaceSnapshot): boolean {
  return (
    leases.length > 0 ||
    [container, cluster].some(
      (part) =>
        part !== undefined &&
        (part.phase.kind === 'working' || (part.observed !== undefined && part.observed.state !== 'absent')),
    )
  );
}

/** The rest is worth telling while Docker is silent. */
async function nodesOf({ target, logger }: ApiContext, key: WorkspaceKey) {
  try {
    return await target.nodes(key, AbortSignal.timeout(NODES_LIMIT));
  } catch (err) {
    logger.warn({ err, workspace: `${key.user}/${key.lab}` }, 'the nodes of a cluster can not be told');
    return undefined;
  }
}
