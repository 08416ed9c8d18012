import { expect, test } from 'vitest';
import { anyPodReady, kubeNodes, nodesReady } from './kube-status.ts';

const started = new Date('2026-11-23T20:00:10.700Z');
const nodeList = (...heartbeats: Array<[string, string]>) =>
  JSON.stringify({
    items: heartbeats.map(([status, lastHeartbeatTime]) => ({
      status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime }] },
    })),
  });
const podList = (status: string, startedAt: string | undefined) =>
  JSON.stringify({
    items: [
      {
        status: {
          conditions: [{ type: 'Ready', status }],
          containerStatuses: [{ state: startedAt === undefined ? {} : { running: { startedAt } } }],
        },
      },
    ],
  });

test('a node is Ready by a heartbeat since the start, in the same second at the earliest', () => {
  expect(nodesReady(nodeList(['True', '2026-11-23T20:00:10Z']), 1, started)).toBe(true);
  expect(nodesReady(nodeList(['True', '2026-11-23T20:00:09Z']), 1, started)).toBe(false);
  expect(nodesReady(nodeList(['False', '2026-11-23T20:00:12Z']), 1, started)).toBe(false);
  expect(nodesReady(nodeList(['True', '2026-11-23T20:00:12Z']), 2, started)).toBe(false);
  expect(nodesReady(nodeList(), 1, started)).toBe(false);
});

test('the nodes as Kubernetes lists them; a version that is none is not shown to anybody', () => {
  const node = (name: string, status: string, kubeletVersion: unknown) => ({
    metadata: { name },
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'True' },
        { type: 'Ready', status },
      ],
      nodeInfo: { kubeletVersion },
    },
  });
  const items = [
    node('a', 'True', 'v1.35.0+k3s1'),
    node('b', 'Unknown', 'v1\u001b[2J'),
    node('c', 'False', 7),
  ];
  expect(kubeNodes(JSON.stringify({ items }))).toEqual([
    { name: 'a', ready: true, heartbeat: undefined, version: 'v1.35.0+k3s1' },
    { name: 'b', ready: false, heartbeat: undefined, version: undefined },
    { name: 'c', ready: false, heartbeat: undefined, version: undefined },
  ]);
  expect(kubeNodes('<html>')).toEqual([]);
});

test('a pod that was Ready before the stop does not count until its containers run again', () => {
  expect(anyPodReady(podList('True', '2026-11-23T20:00:20Z'), started)).toBe(true);
  expect(anyPodReady(podList('True', '2026-11-23T19:00:00Z'), started)).toBe(false);
  expect(anyPodReady(podList('True', undefined), started)).toBe(false);
  expect(anyPodReady(podList('False', '2026-11-23T20:00:20Z'), started)).toBe(false);
});
