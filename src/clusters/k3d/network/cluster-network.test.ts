import { expect, test } from 'vitest';
import { MOST_NODES, SERVER_COUNTS } from '../../../labs/cluster-size.ts';
import { clusterNetwork } from './cluster-network.ts';

const network = clusterNetwork('10.209.1.16/28');
/** What is not a node's: the network, gateway, k3d's tools, the lab container, broadcast. */
const TAKEN = [0, 1, 2, 14, 15].map((host) => `10.209.1.${16 + host}`);

test.each(SERVER_COUNTS)(
  'with %i servers and all agents that there may be, each has an address of its own',
  (servers) => {
    const further = Array.from({ length: servers - 1 }, (_, index) => network.furtherServer(index + 1));
    const agents = Array.from({ length: MOST_NODES - servers }, (_, number) => network.agent(number));
    const all = [network.server, ...further, ...agents, ...TAKEN];
    expect(new Set(all).size).toBe(16);
  },
);

test('the first server and the agents have the addresses of a cluster of one server', () => {
  expect([network.server, network.agent(0), network.agent(9)]).toEqual([
    '10.209.1.19',
    '10.209.1.20',
    '10.209.1.29',
  ]);
  expect([network.labContainer, network.loopback]).toEqual(['10.209.1.30', '127.209.1.19']);
});
