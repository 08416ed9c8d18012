import { nextTier } from '../status/next-tier.ts';
import { inOneWord, isoTime, partStatus } from '../status/part-status.ts';
import type { ClusterLogs, ClusterNodeStatus } from '../workspaces/ports/clusters.ts';
import { type Route, shownRoute } from '../workspaces/ports/routes.ts';
import type { Phase } from '../workspaces/workspace-access.ts';
import type { WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import type { ClusterStatus, ClusterSummary, PublishedClusterLogs } from './cluster-schema.ts';

/** What is known of a cluster besides what the workspace's controller knows. */
export interface ClusterSurroundings {
  readonly route: Route | undefined;
  readonly urls: { readonly http: string; readonly https: string };
}

/** Undefined: the workspace has no cluster. `now`: ms since the epoch. */
export function clusterSummary(
  snapshot: WorkspaceSnapshot,
  { route, urls }: ClusterSurroundings,
  now: number,
): ClusterSummary | undefined {
  if (snapshot.cluster === undefined) return undefined;
  const part = partStatus(snapshot.cluster, now);
  const { phase } = snapshot.cluster;
  return {
    user: snapshot.key.user,
    lab: snapshot.key.lab,
    state: inOneWord(part),
    ready: phase.kind === 'ready',
    since: part.since,
    longer: part.longer,
    doing: doing(phase, part.doing),
    error: part.error,
    order: orderOf(snapshot),
    next: nextTier(snapshot.desire, { container: null, cluster: part }),
    delete_at: snapshot.deleteAt === undefined ? null : isoTime(snapshot.deleteAt),
    sessions: snapshot.leases.length,
    route: route === undefined ? null : shownRoute(route),
    urls: { http: urls.http, https: urls.https },
  };
}

/** `nodes` undefined: Docker did not say. */
export function clusterStatus(
  summary: ClusterSummary,
  nodes: readonly ClusterNodeStatus[] | undefined,
  route: Route | undefined,
): ClusterStatus {
  return {
    ...summary,
    nodes: nodes?.map(nodeStatus) ?? null,
    versions: [...new Set(nodes?.flatMap(({ version }) => version ?? []))],
    memory_bytes: sum(nodes?.map(({ memory }) => memory)),
    cpu_cores: sum(nodes?.map(({ cpu }) => cpu)),
    addresses: route?.kind === 'awake' ? addressesOf(route) : null,
  };
}

/** `kept`: of the last failure. */
export function publishedLogs({ nodes, kept }: ClusterLogs): PublishedClusterLogs {
  return {
    nodes: nodes.map(({ name, state, lines }) => ({ name, state, lines: [...lines] })),
    last_failure: kept === undefined ? null : { at: kept.writtenAt.toISOString(), lines: [...kept.lines] },
  };
}

interface ReadableLogs {
  readonly nodes: readonly {
    readonly name: string;
    readonly state: string;
    readonly lines: readonly string[];
  }[];
  readonly last_failure: { readonly at: string; readonly lines: readonly string[] } | null;
}

/** The same for people. */
export function logsText({ nodes, last_failure: failure }: ReadableLogs): string {
  const parts = nodes.flatMap(({ name, state, lines }) => [`== ${name} (${state})`, ...lines]);
  if (nodes.length === 0) parts.push('The cluster has no nodes now.');
  if (failure !== null) parts.push(`== the last failure, ${failure.at}`, ...failure.lines);
  return `${parts.join('\n')}\n`;
}

function doing(phase: Phase, words: ReturnType<typeof partStatus>['doing']): ClusterSummary['doing'] {
  if (phase.kind !== 'working' || words === null) return null;
  const { what: _, ...rest } = words;
  return { action: phase.action, ...rest };
}

/** One for the cluster alone goes before one for the whole workspace, which takes the cluster along. */
function orderOf({ clusterOrder, order }: WorkspaceSnapshot): ClusterSummary['order'] {
  if (clusterOrder !== undefined) return { kind: clusterOrder.order, by: clusterOrder.by };
  return order === undefined ? null : { kind: order, by: null };
}

function nodeStatus(node: ClusterNodeStatus): NonNullable<ClusterStatus['nodes']>[number] {
  return {
    name: node.name,
    role: node.role,
    state: node.state,
    address: node.address ?? null,
    ready: node.ready ?? null,
    version: node.version ?? null,
    since: node.since === undefined ? null : isoTime(node.since),
    memory_bytes: node.memory ?? null,
    cpu_cores: node.cpu ?? null,
  };
}

function addressesOf({ addresses: { ingress, api } }: Extract<Route, { kind: 'awake' }>) {
  return { ingress, api: `${api.host}:${api.port}` };
}

/** Null where one of them is not known. */
function sum(numbers: readonly (number | undefined)[] | undefined): number | null {
  return numbers === undefined
    ? null
    : numbers.reduce<number | null>(
        (total, each) => (total === null || each === undefined ? null : total + each),
        0,
      );
}
