import { pino } from 'pino';
import { expect, test } from 'vitest';
import { clusterNetwork } from '../network/cluster-network.ts';
import type { ClusterNode } from '../nodes/cluster-nodes.ts';
import { forgetLostAgents } from './lost-agents.ts';

const names = { cluster: 'alice-1' };
const LOST = 'k3d-alice-1-agent-0';
const OTHERS = ['k3d-alice-1-server-0', 'k3d-alice-1-agent-1', 'k3d-bob-1-agent-0', 'own-machine'];
const signal = () => AbortSignal.timeout(30_000);

const node = (name: string, role: 'server' | 'agent', labels = {}): ClusterNode => ({
  ...{ id: name, name, role, state: 'running', labels, addresses: {}, takenDown: false },
});

/** Made with two agents, and has these. */
function clusterWith(...agents: readonly string[]) {
  const server = node('k3d-alice-1-server-0', 'server', { 'ssh-lab-factory.agents': '2' });
  const nodes = [server, ...agents.map((name) => node(name, 'agent'))];
  return { names, cluster: { server, nodes, network: clusterNetwork('10.209.1.16/28') } };
}

/** The API of a cluster with a pod on each node, DNS on the one that is lost. It gives no word when it is asked something for the first time. */
function kubernetes({ keepsPods = false } = {}) {
  const nodes = new Set([LOST, ...OTHERS]);
  const pods = new Map([...nodes].map((name) => [`/api/v1/namespaces/kube-system/pods/on-${name}`, name]));
  const asked = new Set<string>();
  const isSilent = (question: string) => asked.size < asked.add(question).size;
  const list = (metadata: readonly object[]) =>
    JSON.stringify({ items: metadata.map((each) => ({ metadata: each, status: {} })) });
  return {
    nodes,
    pods,
    async get(path: string) {
      if (isSilent(`GET ${path}`)) return undefined;
      if (path === '/api/v1/nodes') return list([...nodes].map((name) => ({ name })));
      const of = decodeURIComponent(path).replace('/api/v1/pods?fieldSelector=spec.nodeName=', '');
      const found = [...pods].filter(([, name]) => name === of);
      return list(found.map(([, name]) => ({ namespace: 'kube-system', name: `on-${name}` })));
    },
    async remove(path: string) {
      if (isSilent(`DELETE ${path}`)) return false;
      const [object = '', query] = path.split('?');
      if (object.startsWith('/api/v1/nodes/')) return nodes.delete(object.slice('/api/v1/nodes/'.length));
      if (nodes.has(pods.get(object) ?? '') || query !== 'gracePeriodSeconds=0') return false;
      return !keepsPods && pods.delete(object);
    },
  };
}

function logged() {
  const warnings: string[] = [];
  return { warnings, logger: pino({ level: 'warn' }, { write: (line) => void warnings.push(line) }) };
}

test('an agent without a container leaves Kubernetes, and then its pods; what else there is stays', async () => {
  const { logger, warnings } = logged();
  const api = kubernetes();
  await forgetLostAgents(api, clusterWith('k3d-alice-1-agent-1'), { signal: signal(), logger });
  expect([...api.nodes]).toEqual(OTHERS);
  expect([...api.pods.values()]).toEqual(OTHERS);
  expect(warnings).toEqual([]);
});

test('Kubernetes is not asked where every agent has its container', async () => {
  const { logger } = logged();
  const api = {
    get: () => Promise.reject(new Error('asked')),
    remove: () => Promise.reject(new Error('asked')),
  };
  await forgetLostAgents(api, clusterWith(LOST, 'k3d-alice-1-agent-1'), { signal: signal(), logger });
});

test('a Kubernetes that keeps the pods holds a start up for a while, and the log says so', async () => {
  const { logger, warnings } = logged();
  const api = kubernetes({ keepsPods: true });
  await forgetLostAgents(api, clusterWith('k3d-alice-1-agent-1'), { signal: signal(), logger }, 500);
  expect(warnings.join()).toContain('does not let go of an agent');
  const calledOff = AbortSignal.timeout(200);
  const cluster = clusterWith('k3d-alice-1-agent-1');
  const waiting = forgetLostAgents(kubernetes({ keepsPods: true }), cluster, { signal: calledOff, logger });
  await expect(waiting).rejects.toThrow('timeout');
});
