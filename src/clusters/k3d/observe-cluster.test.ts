import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { pretendEngine } from '../../docker-engine/testing/pretend-engine.ts';
import { observeCluster } from './observe-cluster.ts';

const names = { cluster: 'alice-1', clusterNetwork: 'k3d-alice-1' };

/** Nodes of a finished cluster, as Docker lists them. */
const listed = (role: string) => ({
  Id: `${role}-0`,
  Names: [`/k3d-alice-1-${role}-0`],
  State: 'running',
  Labels: { 'k3d.role': role },
  NetworkSettings: { Networks: {} },
});

/** One whose `server-0` goes when the nodes have been listed; `listings`: what is listed the first time, the second, and so on. */
function engineOf(listings: readonly (readonly string[])[]): RequestListener {
  const left = [...listings];
  return ({ url = '' }, response) => {
    const tell = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.includes('/containers/json')) return tell(200, left.shift()?.map(listed) ?? []);
    if (!url.includes('/containers/agent-0/json')) return tell(404, { message: 'there is none' });
    return tell(200, { Id: 'agent-0', HostConfig: { RestartPolicy: { Name: 'no' } }, State: {} });
  };
}

test.each([
  ['with an agent left, has lost a node', [['server', 'agent'], ['agent']], 'stopped'],
  [
    'with an agent left, while it is listed still, has lost a node',
    [
      ['server', 'agent'],
      ['server', 'agent'],
    ],
    'stopped',
  ],
  ['with nothing left, is gone', [['server'], []], 'absent'],
])('a finished cluster whose server goes between two looks, %s', async (_what, listings, state) => {
  await using pretend = await pretendEngine(engineOf(listings));
  const observation = await observeCluster(pretend.engine, names, new AbortController().signal);
  expect(observation).toEqual({ state, life: undefined });
});
