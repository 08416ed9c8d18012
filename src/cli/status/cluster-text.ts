import { styleText } from 'node:util';
import type { Cluster, ClusterSummary } from '../../api-client/cluster-api-client.ts';
import { nodeLines } from '../../cluster-command/status-text.ts';
import { counted, formatBytes } from '../../words/amounts.ts';
import { textTable } from '../../words/text-table.ts';
import { inWords } from '../../words/time-span.ts';

/** A line for each, with a head. `now`: ms since the epoch. */
export function clusterTable(clusters: readonly ClusterSummary[], now: number): string {
  if (clusters.length === 0) return 'There are no clusters that you may see.';
  const rows = clusters.map((cluster) => [
    nameOf(cluster),
    cluster.state,
    `${cluster.longer ? '>' : ''}${age(cluster.since, now)}`,
    String(cluster.sessions),
    cluster.route === 'awake' ? cluster.urls.http : (cluster.route ?? '–'),
  ]);
  const [head = '', ...lines] = textTable([['CLUSTER', 'STATE', 'FOR', 'SESSIONS', 'ROUTE'], ...rows]);
  return [styleText('bold', head), ...lines].join('\n');
}

/** All that there is to say of one. `now`: ms since the epoch. */
export function clusterText(cluster: Cluster, now: number): string {
  const { state, longer, since, sessions, nodes, urls, route } = cluster;
  const span = `${longer ? 'more than ' : ''}${age(since, now)}`;
  return [
    `${nameOf(cluster)} is ${state}, for ${span}; ${counted(sessions, 'session')}; ${amounts(cluster)}`,
    ...circumstances(cluster, now),
    `Ingresses answer at ${urls.http} and ${urls.https}${route === 'asleep' ? ' when it is awake' : ''}`,
    ...nodesText(nodes),
  ].join('\n');
}

function nodesText(nodes: Cluster['nodes']): string[] {
  if (nodes === null) return ['Docker does not say how its nodes are.'];
  return nodes.length === 0 ? [] : ['', ...nodeLines(nodes)];
}

function amounts({ memory_bytes: memory, cpu_cores: cores }: Cluster): string {
  const taken = memory === null ? 'memory unknown' : formatBytes(memory);
  return cores === null ? taken : `${taken}, ${cores.toFixed(2)} cores`;
}

function circumstances({ doing, error, order, next, delete_at: deleteAt }: Cluster, now: number): string[] {
  const lines: string[] = [];
  if (doing !== null) lines.push(`${doing.step || doing.action}, for ${age(doing.since, now)}`);
  if (error !== null) {
    lines.push(`${error.message} (error ${error.id}; again in ${until(error.retry_at, now)})`);
  }
  if (order !== null) {
    lines.push(
      `ordered by ${order.by ?? 'the operator'}: ${order.kind}, until somebody wants it or comes anew`,
    );
  }
  if (next !== null && next.state !== 'deleted') lines.push(`${next.state} in ${until(next.at, now)}`);
  if (deleteAt !== null) lines.push(`deleted in ${until(deleteAt, now)} if nobody comes`);
  return lines;
}

function nameOf({ user, lab }: Pick<ClusterSummary, 'user' | 'lab'>): string {
  return `${user}/${lab}`;
}

function age(time: string, now: number): string {
  return inWords(now - Date.parse(time));
}

function until(time: string, now: number): string {
  return inWords(Date.parse(time) - now);
}
