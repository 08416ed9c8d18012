import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDockerEngine } from '../../../src/docker-engine/docker-engine.ts';
import { createSubnetPool } from '../../../src/subnets/subnet-pool.ts';
import { eventually } from '../../e2e/harness/eventually.ts';
import { sweepInstance } from '../../e2e/harness/sweeper.ts';
import { workspace } from '../../fresh-names.ts';
import { type EdgeUnderTest, startEdge } from '../edge-under-test.ts';
import { PlainApp } from './plain-app.ts';

/** So many connections to a cluster Traefik has open, and idle, when its address becomes another user's. */
const CONNECTIONS = 8;
/** Traefik drops idle connections after five seconds, sooner than a real cluster takes to answer at an address; left to itself after 90. ms */
const DROPPED = 30_000;

const stack = new AsyncDisposableStack();
const signal = AbortSignal.timeout(400_000);
const subnets = createSubnetPool({ engine: createDockerEngine(), within: '10.216.0.0/24' });
let edge: EdgeUnderTest;
let pool: Pool;

beforeAll(async () => {
  edge = await startEdge(({ user }) => `${user}.test`, signal);
  stack.defer(() => edge.close());
  stack.defer(() => sweepInstance(edge.instance));
  pool = new Pool(`http://127.0.0.1:${edge.ports.http}`, { connections: CONNECTIONS });
  stack.defer(() => pool.close());
});
afterAll(() => stack.disposeAsync());

test.each([
  { how: 'removed while it runs', old: 'alice', next: 'bob', end: async () => undefined },
  { how: 'removed while it is paused', old: 'carol', next: 'dave', end: (app: PlainApp) => app.pause() },
  {
    how: 'cut off, so that its connections never ended',
    old: 'erin',
    next: 'frank',
    end: (app: PlainApp) => app.unplug(),
  },
])(
  'who gets the address of a cluster that was $how gets all of its own requests, and none fails',
  { timeout: 120_000 },
  async ({ old, next, end }) => {
    const first = await awake(old);
    const said = new Set<string>();
    const isConnected = async () => {
      for (const answer of await answers(`${old}.test`, 'GET')) said.add(answer);
      return (await connectionsTo(first.address)) > 0;
    };
    await eventually(isConnected, { what: 'Traefik keeps connections to the cluster', within: 30_000 });
    expect([...said]).toEqual([`200 ${first.nonce}`]);

    await edge.routes.set(workspace(old, 'k3s'), { kind: 'asleep' }, signal);
    await end(first);
    await first.remove();
    await eventually(async () => (await connectionsTo(first.address)) === 0, {
      what: 'Traefik has no connection to the old cluster',
      within: DROPPED,
      every: 50,
    });
    const second = await awake(next);
    expect(second.address).toBe(first.address);

    expect(await answers(`${next}.test`, 'POST')).toEqual(each(`200 ${second.nonce}`));
    expect(await answers(`${old}.test`, 'GET')).toEqual(each('503 asleep'));
    await second.remove();
  },
);

async function awake(user: string): Promise<PlainApp> {
  const key = workspace(user, 'k3s');
  const app = await PlainApp.start({ instance: edge.instance, subnets, key }, signal);
  const addresses = { ingress: app.address, api: { host: app.address, port: 6443 } };
  await edge.routes.set(key, { kind: 'awake', addresses }, signal);
  return app;
}

/** Established ones from this host to port 80, Traefik's; proc(5), /proc/net/tcp: addresses in hexadecimal, of the host's byte order. */
async function connectionsTo(address: string): Promise<number> {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  const remote = `${bytes.reverse().join('').toUpperCase()}:0050`;
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , to, state]) => to === remote && state === '01').length;
}

/** To as many requests at the same time as there are connections: the status, and who says so. */
async function answers(host: string, method: 'GET' | 'POST'): Promise<readonly string[]> {
  const ask = async () => {
    const { statusCode, body } = await pool.request({
      path: '/',
      method,
      headers: { host },
      body: method === 'POST' ? 'an order' : null,
    });
    const said = await text(body);
    return `${statusCode} ${/^Name: (\w+)$/m.exec(said)?.[1] ?? said}`;
  };
  return Promise.all(Array.from({ length: CONNECTIONS }, ask));
}

function each(answer: string): readonly string[] {
  return Array.from({ length: CONNECTIONS }, () => answer);
}
