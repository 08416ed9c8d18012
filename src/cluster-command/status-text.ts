import type { Cluster } from '../api-client/cluster-api-client.ts';
import { formatBytes } from '../words/amounts.ts';
import { textTable } from '../words/text-table.ts';
import { inWords } from '../words/time-span.ts';
import type { ClusterCommandIo } from './cluster-command.ts';
import { failureAdvice } from './failure-advice.ts';

type Node = NonNullable<Cluster['nodes']>[number];
type Name = ClusterCommandIo['name'];

/** How the cluster is, for its student. `now`: ms since the epoch. */
export function statusText(status: Cluster, now: number, name: Name): string {
  const { nodes, urls, ready, order } = status;
  const lines = [sentence(status, now, name)];
  if (order !== null && !ready) lines.push(`It stays so until you type ${name} start, or log in anew.`);
  if (nodes !== null && nodes.length > 0) lines.push('', ...nodeLines(nodes));
  lines.push('', `Ingresses answer at ${urls.http} and ${urls.https}`);
  return lines.join('\n');
}

function sentence(status: Cluster, now: number, name: Name): string {
  const { state, ready, since, longer, doing, error } = status;
  if (doing !== null) {
    const step = doing.step === '' ? state : `${state}, ${doing.step}`;
    return `Your cluster is not ready yet: ${step}, for ${age(doing.since, now)}.`;
  }
  if (error !== null) {
    const advice = failureAdvice(error.code, name);
    return `Your cluster is not ready: ${error.message} (error ${error.id}) It is tried again in ${inWords(Date.parse(error.retry_at) - now)}.${advice}`;
  }
  const span = `${longer ? 'more than ' : ''}${age(since, now)}`;
  if (ready) return `Your cluster is ready, for ${span}.`;
  switch (state) {
    case 'suspended':
    case 'stopped':
      return `Your cluster is ${state}, for ${span}.`;
    case 'absent':
      return 'There is no cluster now.';
    default:
      return `Your cluster is not ready yet: ${state}.`;
  }
}

/** A table of the nodes, with a head. */
export function nodeLines(nodes: readonly Node[]): string[] {
  const rows = nodes.map((node) => [
    node.name,
    nodeState(node),
    node.version ?? '–',
    node.address ?? '–',
    node.memory_bytes === null ? '–' : formatBytes(node.memory_bytes),
    node.cpu_cores === null ? '–' : node.cpu_cores.toFixed(2),
  ]);
  return textTable([['NODE', 'STATE', 'VERSION', 'ADDRESS', 'MEMORY', 'CORES'], ...rows]);
}

function nodeState({ state, ready }: Node): string {
  if (state === 'taken_down') return 'taken down';
  if (state !== 'running' || ready === null) return state;
  return ready ? 'ready' : 'not ready';
}

function age(time: string, now: number): string {
  return inWords(now - Date.parse(time));
}
