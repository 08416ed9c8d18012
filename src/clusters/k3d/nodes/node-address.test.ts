import { expect, test } from 'vitest';
import { clusterNetwork } from '../network/cluster-network.ts';
import type { ClusterNode } from './cluster-nodes.ts';
import { fixedAddress, strayNodes } from './node-address.ts';

const network = clusterNetwork('10.209.1.16/28');
const node = (name: string, state: string, address?: string): ClusterNode => ({
  id: name,
  name: `k3d-alice-${name}`,
  role: name.startsWith('server') ? 'server' : 'agent',
  state,
  labels: {},
  addresses: address === undefined ? {} : { 'k3d-alice': address },
  takenDown: false,
});

test('servers and agents have the addresses that they were made with', () => {
  expect(fixedAddress(node('server-0', 'exited'), network)).toBe('10.209.1.19');
  expect(fixedAddress(node('agent-1', 'exited'), network)).toBe('10.209.1.21');
  expect(fixedAddress(node('server-1', 'exited'), network)).toBe('10.209.1.29');
  expect(fixedAddress(node('server-4', 'exited'), network)).toBe('10.209.1.26');
});

test.each([
  ['where it must be', node('server-0', 'running', '10.209.1.19'), false],
  ['at another address', node('agent-0', 'paused', '10.209.1.22'), true],
  ['in no network', node('agent-0', 'running'), true],
  ['a second server where it must be', node('server-1', 'running', '10.209.1.29'), false],
  ['a second server where k3d would have it', node('server-1', 'running', '10.209.1.20'), true],
  ['a second server nowhere', node('server-1', 'running', ''), true],
  ['one that does not run', node('agent-0', 'exited', ''), false],
])('a node %s', (_, one, isStray) => {
  expect(strayNodes([one], { clusterNetwork: 'k3d-alice' }, network)).toEqual(isStray ? [one] : []);
});
