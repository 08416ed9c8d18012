import { expect, test } from 'vitest';
import { anyPodReady, nodesReady } from './kube-status.ts';

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

test('a pod that was Ready before the stop does not count until its containers run again', () => {
  expect(anyPodReady(podList('True', '2026-11-23T20:00:20Z'), started)).toBe(true);
  expect(anyPodReady(podList('True', '2026-11-23T19:00:00Z'), started)).toBe(false);
  expect(anyPodReady(podList('True', undefined), started)).toBe(false);
  expect(anyPodReady(podList('False', '2026-11-23T20:00:20Z'), started)).toBe(false);
});
