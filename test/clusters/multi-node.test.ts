import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOTHING_GIVEN } from '../../src/labs/lab-definition.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import { type NodeName, parseNodeName } from '../../src/names/node-name.ts';
import type { ClusterNodeStatus } from '../../src/workspaces/ports/clusters.ts';
import { docker } from '../e2e/harness/docker.ts';
import { EventRecorder } from '../e2e/harness/event-recorder.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { hostKubectl } from '../e2e/harness/host-kubectl.ts';
import { WHOAMI_IMAGE } from '../e2e/harness/set-up.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { definition, testClusters } from './create-cluster.ts';

const instance = freshInstance();
const folder = mkdtempSync(join(tmpdir(), 'multi-node-'));
const clusters = testClusters(instance, folder);
const key = workspace('alice', 'k3s');
const names = dockerNames(instance, key);
const containerOf = (node: string) => `k3d-${names.cluster}-${node}`;
const server = nodeName('server-0');
const agent0 = nodeName('agent-0');
const agent1 = nodeName('agent-1');
const ALL = ['server-0', 'agent-0', 'agent-1'];
/** Kubernetes calls a node NotReady after 50 s of silence, which nobody here has to wait for. */
const LOSSES_SEEN_SOON = {
  k3s: {
    extraArgs: [
      { arg: '--kube-controller-manager-arg=node-monitor-grace-period=20s', nodeFilters: ['server:*'] },
    ],
    nodeLabels: [],
  },
};
const silent = () => undefined;
const kubeconfigFile = join(folder, 'admin.yaml');
const kubectl = (...args: string[]) => hostKubectl(kubeconfigFile, ...args);

afterAll(async () => {
  await clusters.remove(key, limit());
  await rm(folder, { recursive: true, force: true });
}, 200_000);

describe('a cluster of one server and two agents', { timeout: 400_000 }, () => {
  const stack = new AsyncDisposableStack();
  let events: EventRecorder;
  let addresses: readonly (string | undefined)[];
  let bare: string;
  let began: number;

  beforeAll(async () => {
    began = Date.now();
    events = stack.use(await EventRecorder.start());
    await clusters.create(
      key,
      { ...definition, agents: 2, options: LOSSES_SEEN_SOON },
      NOTHING_GIVEN,
      silent,
      limit(),
    );
    await takeKubeconfig();
  }, 400_000);
  afterAll(() => stack.disposeAsync());

  test('has the addresses that its network has for them, and tells what its nodes do', async () => {
    const subnet = await docker(['network', 'inspect', '--format', SUBNET_OF, names.clusterNetwork]);
    const nodes = await clusters.nodes(key, limit());
    expect(nodes.map(({ name }) => name)).toEqual(ALL);
    addresses = nodes.map(({ address }) => address);
    expect(addresses).toEqual([3, 4, 5].map((host) => addressIn(subnet.trim(), host)));
    for (const node of nodes) {
      expect(node.state).toBe('running');
      expect(node.role).toBe(node.name.split('-')[0]);
      expect(node.memory).toBeGreaterThan(20 * 2 ** 20);
      expect(node.cpu).toBeGreaterThan(0);
      expect(node.cpu).toBeLessThan(64);
      expect(node.since).toBeGreaterThan(began);
    }
    for (const { version } of await untilReady([true, true, true])) expect(version).toMatch(/^v1\.\d/);
  });

  test('tells what Docker knows while its API hangs', async () => {
    await signalApi('STOP');
    try {
      // It does not wait for what does not come before CONT.
      const nodes = await clusters.nodes(key, limit());
      expect(nodes.map(({ name, state, ready }) => [name, state, ready])).toEqual(
        ALL.map((name) => [name, 'running', undefined]),
      );
    } finally {
      await signalApi('CONT');
    }
    await untilReady([true, true, true]);
  });

  test('runs pods on an agent', async () => {
    const spec = { spec: { nodeName: containerOf('agent-0') } };
    const run = ['run', 'bare', `--image=${WHOAMI_IMAGE}`, '--image-pull-policy=Never'];
    await kubectl(...run, `--overrides=${JSON.stringify({ apiVersion: 'v1', ...spec })}`);
    await kubectl('wait', 'pod/bare', '--for=condition=Ready', '--timeout=120s');
    bare = await uidOfBare();
  });

  test('is paused, wakes its agents before the server, and keeps its pods', async () => {
    const since = Date.now();
    await clusters.suspend(key, limit());
    expect((await clusters.nodes(key, limit())).map(({ state, ready }) => [state, ready])).toEqual(
      ALL.map(() => ['suspended', undefined]),
    );
    await clusters.resume(key, silent, limit());
    expect((await order('unpause', since, 3)).at(-1)).toBe('server-0');
    await isWhole(ALL);
  });

  test('is stopped with the agents first, started with the server first, and keeps its pods', async () => {
    const since = Date.now();
    await clusters.stop(key, limit());
    expect((await clusters.nodes(key, limit())).map(({ state }) => state)).toEqual(ALL.map(() => 'stopped'));
    expect((await order('die', since, 3)).at(-1)).toBe('server-0');
    await clusters.start(key, silent, limit());
    expect((await order('start', since, 3))[0]).toBe('server-0');
    await isWhole(ALL);
  });

  test('comes back with its addresses when others stopped its server first, while it was suspended', async () => {
    await clusters.suspend(key, limit());
    await docker(['stop', '--time', '5', containerOf('server-0')]);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await clusters.start(key, silent, limit());
    await isWhole(ALL);
  });

  test('brings back an agent that somebody killed', async () => {
    await docker(['kill', containerOf('agent-0')]);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    expect((await clusters.nodes(key, limit()))[1]).toMatchObject({ state: 'stopped', memory: 0 });
    await clusters.start(key, silent, limit());
    await isWhole(ALL);
  });

  test('does without an agent that its owner took down, which Kubernetes finds out', async () => {
    await clusters.stopNode(key, agent0, limit());
    await clusters.stopNode(key, agent0, limit());
    expect(await clusters.observe(key, limit())).toBe('running');
    expect((await clusters.nodes(key, limit()))[1]).toMatchObject({
      name: 'agent-0',
      state: 'taken_down',
      address: undefined,
      since: undefined,
    });
    await untilReady([true, false, true]);
  });

  test('leaves it down over a suspend and a resume, a stop and a start, and in another factory', async () => {
    const since = Date.now();
    const isWithout = async () => {
      for (const factory of [clusters, testClusters(instance, folder)]) {
        expect(await factory.observe(key, limit())).toBe('running');
      }
      const nodes = await clusters.nodes(key, limit());
      expect(nodes.map(({ state }) => state)).toEqual(['running', 'taken_down', 'running']);
    };
    await clusters.suspend(key, limit());
    expect(await clusters.observe(key, limit())).toBe('suspended');
    await clusters.resume(key, silent, limit());
    await isWithout();
    await clusters.stop(key, limit());
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await clusters.start(key, silent, limit());
    await isWithout();
    expect(await order('start', since, 2)).toEqual(['server-0', 'agent-1']);
  });

  test('has the other agent repaired all the same', async () => {
    await docker(['kill', containerOf('agent-1')]);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await clusters.start(key, silent, limit());
    const nodes = await clusters.nodes(key, limit());
    expect(nodes.map(({ state }) => state)).toEqual(['running', 'taken_down', 'running']);
  });

  test('gets it back with its address and its pods', async () => {
    await docker(['network', 'disconnect', '--force', names.clusterNetwork, containerOf('agent-0')]);
    await clusters.startNode(key, agent0, limit());
    await takeKubeconfig();
    await kubectl('wait', `node/${containerOf('agent-0')}`, '--for=condition=Ready', '--timeout=120s');
    expect((await untilReady([true, true, true]))[1]).toMatchObject({ state: 'running' });
    await clusters.startNode(key, agent0, limit());
    await isWhole(ALL);
  });

  test('refuses to lose its server, and what it does not have', async () => {
    await expect(clusters.stopNode(key, server, limit())).rejects.toMatchObject({
      code: 'NODE_UNKNOWN',
      message:
        'server-0 runs the cluster itself, so only agents can be taken down; there are: agent-0, agent-1.',
    });
    const unknown = {
      code: 'NODE_UNKNOWN',
      message: 'The cluster has no agent agent-7; there are: agent-0, agent-1.',
    };
    await expect(clusters.stopNode(key, nodeName('agent-7'), limit())).rejects.toMatchObject(unknown);
    await expect(clusters.startNode(key, nodeName('agent-7'), limit())).rejects.toMatchObject(unknown);
    expect(await clusters.observe(key, limit())).toBe('running');
    await clusters.stopNode(key, agent1, limit());
    expect((await clusters.nodes(key, limit()))[2]).toMatchObject({ state: 'taken_down' });
  });

  async function isWhole(all: readonly string[]): Promise<void> {
    expect(await clusters.observe(key, limit())).toBe('running');
    await takeKubeconfig();
    await kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=120s');
    const nodes = await clusters.nodes(key, limit());
    expect(nodes.map(({ name, state }) => [name, state])).toEqual(all.map((name) => [name, 'running']));
    expect(nodes.map(({ address }) => address)).toEqual(addresses);
    await kubectl('wait', 'pod/bare', '--for=condition=Ready', '--timeout=120s');
    expect(await uidOfBare()).toBe(bare);
  }

  /** To every process of the server that is, or holds, the API: in k3s they are one. The first process heeds no such signal. */
  async function signalApi(signal: 'STOP' | 'CONT'): Promise<void> {
    const isIt = 'grep -q kube-apiserver $p/cmdline 2>/dev/null';
    const script = `for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || ! ${isIt} || kill -${signal} \${p#/proc/}; done`;
    await docker(['exec', containerOf('server-0'), 'sh', '-c', script]);
  }

  function uidOfBare(): Promise<string> {
    return kubectl('get', 'pod', 'bare', '-o', 'jsonpath={.metadata.uid}');
  }

  /** What Kubernetes says of the nodes. A question that it has no time to answer tells nothing, and is asked again. */
  async function untilReady(expected: readonly boolean[]): Promise<readonly ClusterNodeStatus[]> {
    const seen = async () => {
      const nodes = await clusters.nodes(key, limit());
      return nodes.map(({ ready }) => ready).join() === expected.join() && nodes;
    };
    return await eventually(seen, { what: `the nodes are Ready: ${expected}`, within: 150_000 });
  }

  /**
   * The nodes to which that happened since then, so many, in the order in which it did. Docker may tell of an end a moment after the
   * stop that it answers.
   */
  async function order(action: string, since: number, count: number): Promise<readonly string[]> {
    await events.settled();
    const seen = () => events.of(instance, { action, type: 'container' }).filter(({ at }) => at >= since);
    await eventually(() => seen().length >= count, { what: `${count} times ${action}`, within: 30_000 });
    return seen().map(({ name }) => name.slice(containerOf('').length));
  }
});

const SUBNET_OF = '{{(index .IPAM.Config 0).Subnet}}';

/** The address with that number in a /28: of "10.213.0.16/28" and 3, "10.213.0.19". */
function addressIn(subnet: string, host: number): string {
  const [, net = '', last = ''] = /^(.*\.)(\d+)\/28$/.exec(subnet) ?? [];
  return `${net}${Number(last) + host}`;
}

function nodeName(text: string): NodeName {
  const name = parseNodeName(text);
  if (name === undefined) throw new Error(`no node name: ${text}`);
  return name;
}

function limit(): AbortSignal {
  return AbortSignal.timeout(180_000);
}

async function takeKubeconfig(): Promise<void> {
  await writeFile(kubeconfigFile, (await clusters.attachment(key, limit())).kubeconfig);
}
