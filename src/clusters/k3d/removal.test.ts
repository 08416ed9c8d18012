import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { pretendEngine } from '../../docker-engine/testing/pretend-engine.ts';
import { removeCluster } from './removal.ts';

const names = { cluster: 'alice-1', clusterNetwork: 'k3d-alice-1' };

/** An engine with an agent that is being removed by somebody else, and with a server that appears when that is under way. */
function engineWithLateNode(removals: string[]): RequestListener {
  const there = new Set(['agent-0']);
  return ({ method, url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://engine');
    const tell = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/containers/json') return tell(200, [...there].map(listed));
    if (pathname === '/volumes') return tell(200, { Volumes: [] });
    const node = /^\/containers\/([^/]+)/.exec(pathname)?.[1];
    if (node === undefined || !there.has(node)) return tell(404, { message: 'there is none' });
    if (method !== 'DELETE') return tell(200, { Id: node, HostConfig: {}, State: {} });
    removals.push(`${node} force=${searchParams.get('force')} v=${searchParams.get('v')}`);
    there.delete(node);
    if (node !== 'agent-0') return tell(204, undefined);
    there.add('server-0');
    tell(409, { message: 'removal of container agent-0 is already in progress' });
  };
}

function listed(node: string) {
  const Labels = { 'k3d.role': node.split('-')[0] };
  return {
    Id: node,
    Names: [`/k3d-alice-1-${node}`],
    State: 'created',
    Labels,
    NetworkSettings: { Networks: {} },
  };
}

test.each([
  ['with its volumes', {}, 'v=true'],
  ['without its volumes, where they are kept', { keepVolumes: true }, 'v=false'],
])('a node that appears after the first look goes, too, %s', async (_what, options, volumes) => {
  const removals: string[] = [];
  await using pretend = await pretendEngine(engineWithLateNode(removals));
  await removeCluster(pretend.engine, names, AbortSignal.timeout(30_000), options);
  expect(removals).toEqual([`agent-0 force=true ${volumes}`, `server-0 force=true ${volumes}`]);
});
