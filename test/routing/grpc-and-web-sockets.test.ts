import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { formatWorkspaceKey } from '../../src/names/workspace-key.ts';
import { workspace } from '../fresh-names.ts';
import { type EdgeUnderTest, startEdge } from './edge-under-test.ts';
import { startTwoVersionBackend } from './two-version-backend.ts';

const HOSTS = new Map([
  ['alice/k3s', 'alice.lab.test'],
  ['alice/shop', 'shop.alice.lab.test'],
  ['alice/idle', 'idle.alice.lab.test'],
]);
const alice = workspace('alice', 'k3s');
const shop = workspace('alice', 'shop');
const idle = workspace('alice', 'idle');

const stack = new AsyncDisposableStack();
const signal = AbortSignal.timeout(300_000);
const backend = async (name: string) => {
  const address = `127.${200 + Math.floor(Math.random() * 50)}.${Math.floor(Math.random() * 256)}.7`;
  stack.use(await startTwoVersionBackend(name, address));
  return { kind: 'awake', addresses: { ingress: address, api: { host: address, port: 6443 } } } as const;
};
let edge: EdgeUnderTest;

beforeAll(async () => {
  edge = await startEdge((key) => HOSTS.get(formatWorkspaceKey(key)) ?? 'nobody.test', signal);
  stack.defer(() => edge.close());
  await edge.routes.set(alice, await backend('alice'), signal);
  await edge.routes.set(shop, await backend('shop'), signal);
  await edge.routes.set(idle, { kind: 'asleep' }, signal);
});
afterAll(() => stack.disposeAsync());

async function answerFor(host: string, type: string): Promise<string> {
  const at = { host: '127.0.0.1', port: edge.ports.http, agent: false };
  const asked = request({ ...at, method: 'POST', headers: { host, 'content-type': type } });
  asked.end();
  const [response] = await once(asked, 'response');
  return response.statusCode === 200 ? await text(response) : String(response.resume().statusCode);
}

test.each([
  ['alice.lab.test', 'alice by HTTP/2.0', 'alice by HTTP/1.1'],
  ['x.alice.lab.test', 'alice by HTTP/2.0', 'alice by HTTP/1.1'],
  ['shop.alice.lab.test', 'shop by HTTP/2.0', 'shop by HTTP/1.1'],
  ['x.shop.alice.lab.test', 'shop by HTTP/2.0', 'shop by HTTP/1.1'],
  ['idle.alice.lab.test', '503', '503'],
  ['x.idle.alice.lab.test', '503', '503'],
  ['xalice.lab.test', '404', '404'],
])('gRPC for %s goes where its other requests go', async (host, grpc, other) => {
  expect(await answerFor(host, 'application/grpc')).toBe(grpc);
  expect(await answerFor(host, 'application/json')).toBe(other);
});

test('a WebSocket stays open while the routes of others change', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.ports.http}/`, { headers: { host: 'alice.lab.test' } });
  await once(socket, 'open');
  const route = await backend('other');
  for (let change = 0; change < 5; change++) {
    await edge.routes.set(shop, { kind: 'asleep' }, signal);
    await edge.routes.set(shop, route, signal);
    const echoed = once(socket, 'message');
    socket.send(`after change ${change}`);
    expect(String((await echoed)[0])).toBe(`after change ${change}`);
  }
  // The changes were real.
  expect(await answerFor('shop.alice.lab.test', '')).toBe('other by HTTP/1.1');
  socket.close();
});
