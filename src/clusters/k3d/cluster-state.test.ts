import { expect, test } from 'vitest';
import { clusterState } from './cluster-state.ts';
import type { ClusterNode } from './nodes/cluster-nodes.ts';

const node = (role: ClusterNode['role'], state: string): ClusterNode => ({
  id: role,
  name: `k3d-alice-${role}-0`,
  role,
  state,
  labels: {},
  addresses: {},
  takenDown: false,
});
const takenDown: ClusterNode = { ...node('agent', 'exited'), takenDown: true };
const cluster = (server: string, agent: string, ...others: ClusterNode[]) => [
  node('server', server),
  node('agent', agent),
  ...others,
];

test.each([
  ['running', cluster('running', 'running')],
  ['suspended', cluster('paused', 'paused')],
  ['suspended', cluster('running', 'paused')],
  ['stopped', cluster('exited', 'exited')],
  ['stopped', cluster('running', 'exited')],
  ['stopped', cluster('exited', 'exited', node('other', 'created'))],
  ['stopped', cluster('created', 'created')],
  ['stopped', cluster('running', 'created')],
  ['stopped', cluster('restarting', 'running')],
  ['stopped', cluster('dead', 'running')],
  ['stopped', [node('agent', 'running')]],
  ['stopped', cluster('removing', 'running')],
  ['running', [node('server', 'running')]],
  ['running', [node('server', 'running'), takenDown]],
  ['stopped', cluster('running', 'exited', takenDown)],
  ['suspended', cluster('paused', 'paused', takenDown)],
  ['stopped', [node('server', 'exited'), takenDown]],
  ['stopped', [takenDown]],
  ['stopped', [{ ...node('server', 'running'), name: 'k3d-alice-server-1' }]],
  ['incomplete', [node('server', 'removing')]],
  ['incomplete', [node('other', 'running')]],
])('%s: case %#', (state, nodes) => {
  expect(clusterState({ nodes, hasNetwork: true, complete: true, half: false })).toBe(state);
});

test('without its mark, or half removed, it is incomplete whatever its nodes do; a network alone is, too', () => {
  const nodes = cluster('running', 'running');
  const observed = { nodes, hasNetwork: true, complete: true, half: false };
  expect(clusterState({ ...observed, complete: false })).toBe('incomplete');
  expect(clusterState({ ...observed, half: true })).toBe('incomplete');
  expect(clusterState({ ...observed, nodes: [], complete: false })).toBe('incomplete');
  expect(clusterState({ ...observed, nodes: [], hasNetwork: false, complete: false })).toBe('absent');
});
