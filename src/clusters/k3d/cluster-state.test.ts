import { expect, test } from 'vitest';
import { type ClusterNode, NODE_LABEL } from './cluster-nodes.ts';
import { clusterState } from './cluster-state.ts';

const labels = { [NODE_LABEL.agents]: '1' };
const node = (role: ClusterNode['role'], state: string): ClusterNode => ({
  id: role,
  name: role,
  role,
  state,
  labels,
});
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
  ['incomplete', cluster('removing', 'running')],
  ['incomplete', [node('server', 'running')]],
  ['incomplete', [node('agent', 'running')]],
  ['incomplete', [node('other', 'running')]],
])('%s: case %#', (state, nodes) => {
  expect(clusterState({ nodes, hasNetwork: true, complete: true })).toBe(state);
});

test('without its mark it is incomplete whatever its nodes do; a network alone is, too', () => {
  const nodes = cluster('running', 'running');
  expect(clusterState({ nodes, hasNetwork: true, complete: false })).toBe('incomplete');
  expect(clusterState({ nodes: [], hasNetwork: true, complete: false })).toBe('incomplete');
  expect(clusterState({ nodes: [], hasNetwork: false, complete: false })).toBe('absent');
});
