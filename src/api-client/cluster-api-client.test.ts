import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ASKED, QUIET } from '../api/testing/access-matrix.ts';
import { goodToken } from '../api/testing/caller-tokens.ts';
import { type ServedApi, serveApi } from '../api/testing/served-api.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { toRecorded } from '../history/published-event.ts';
import { eventAt } from '../history/testing/some-event.ts';
import { parseNodeName } from '../names/node-name.ts';
import type { Principal } from '../tokens/principal.ts';
import { type ClusterApiClient, type ClusterProgress, createClusterApiClient } from './cluster-api-client.ts';
import { inProcessTransport, type OpenTransport, openTransport, type Transport } from './transport.ts';

const STUDENT: Principal = { role: 'student', key: ASKED };
const signal = () => AbortSignal.timeout(20_000);

let served: ServedApi;
/** Ends with the test. */
let open: OpenTransport[];
beforeEach(async () => {
  served = await serveApi();
  open = [];
});
afterEach(async () => {
  for (const transport of open) await transport[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});

function clientOver(send: Transport, baseUrl = served.url): ClusterApiClient {
  return createClusterApiClient({ baseUrl, send, token: () => goodToken(STUDENT, served.mint) });
}

function overTcp(): Transport {
  const transport = openTransport();
  open.push(transport);
  return transport.send;
}

describe.each([
  ['over TCP', overTcp],
  ['in the process', () => inProcessTransport(served.app)],
])('%s', (_where, transport) => {
  test('asks everything there is', async () => {
    const client = clientOver(transport());
    const node = parseNodeName('agent-0') ?? expect.fail();
    expect(await client.list({}, signal())).toMatchObject([{ user: 'alice', lab: 'k3s' }]);
    expect(await client.status(ASKED, signal())).toMatchObject({ ready: true, sessions: 1 });
    expect(await client.suspend(ASKED, {}, signal())).toMatchObject({ state: 'suspended' });
    expect(await client.stop(ASKED, { wait: 5_000 }, signal())).toMatchObject({ state: 'stopped' });
    expect(await client.remove(ASKED, {}, signal())).toMatchObject({ state: 'absent' });
    expect(await client.reset(ASKED, {}, signal())).toMatchObject({ state: 'running' });
    expect(await client.stopNode(ASKED, node, {}, signal())).toMatchObject({ state: 'running' });
    expect(await client.startNode(ASKED, node, {}, signal())).toMatchObject({ state: 'running' });
    expect(await client.extend(ASKED, 60_000, signal())).toBe(Date.parse('2026-11-28T10:01:00Z'));
    expect(await client.kubeconfig(ASKED, 'container', signal())).toContain('for container');
    expect(await client.logs(ASKED, { lines: 1 }, signal())).toMatchObject({ nodes: [{ lines: ['three'] }] });
    expect(served.clusters.given.map(({ command }) => command.kind)).toEqual([
      'cluster_suspend',
      'cluster_stop',
      'cluster_delete',
      'reset',
      'node_stop',
      'node_start',
    ]);
  });

  test('ensures, with progress', async () => {
    served.clusters.before = async () => {
      served.clusters.setPhase(ASKED, {
        kind: 'working',
        action: 'resume',
        step: 'waking the nodes',
        since: Date.now(),
        overdueAt: Date.now() + 60_000,
      });
      await expect.poll(() => seen).toHaveLength(1);
    };
    const seen: ClusterProgress[] = [];
    const options = { onProgress: (progress: ClusterProgress) => void seen.push(progress) };
    expect(await clientOver(transport()).ensure(ASKED, options, signal())).toMatchObject({ ready: true });
    expect(seen).toEqual([{ part: 'cluster', action: 'resume', step: 'waking the nodes' }]);
  });

  test('a problem becomes the error that it tells of', async () => {
    const failure = new FactoryError('CLUSTER_FAILED', 'The node ended.');
    served.clusters.before = () => Promise.reject(failure);
    const client = clientOver(transport());
    const same = { code: 'CLUSTER_FAILED', id: failure.id, message: 'The node ended.' };
    await expect(client.ensure(ASKED, {}, signal())).rejects.toMatchObject(same);
    await expect(client.stop(ASKED, {}, signal())).rejects.toMatchObject(same);
    await expect(client.status(QUIET, signal())).rejects.toMatchObject({ code: 'WORKSPACE_UNKNOWN' });
  });

  test('who stops waiting hangs up', async () => {
    const signals: AbortSignal[] = [];
    served.clusters.before = (_command, given) => {
      signals.push(given);
      return new Promise(() => {});
    };
    const leave = new AbortController();
    const waiting = clientOver(transport()).ensure(ASKED, {}, leave.signal);
    waiting.catch(() => {});
    await expect.poll(() => signals).toHaveLength(1);
    const why = new Error('enough');
    leave.abort(why);
    await expect(waiting).rejects.toBe(why);
    await expect.poll(() => signals[0]?.aborted).toBe(true);
  });

  test('follows events, and is not told more after it has left', async () => {
    let gone: AbortSignal | undefined;
    served.clusters.tell = async function* (_query, given) {
      gone = given;
      for (let id = 1; !given.aborted; id++) {
        yield toRecorded({ id, event: eventAt(id, ASKED) });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const ids: (number | null)[] = [];
    for await (const { id } of clientOver(transport()).events(ASKED, { follow: true }, signal())) {
      ids.push(id);
      if (ids.length === 3) break;
    }
    expect(ids).toEqual([1, 2, 3]);
    await expect.poll(() => gone?.aborted).toBe(true);
  });
});

test('works over a Unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'client-'));
  const socketPath = join(folder, 'api.sock');
  await using transport = openTransport({ socketPath });
  const relay = createServer((request, response) => {
    void served.app
      .inject({ method: 'GET', url: request.url ?? '/', headers: request.headers })
      .then(({ body, headers }) =>
        response.writeHead(200, { 'content-type': headers['content-type'] }).end(body),
      );
  });
  await new Promise<void>((resolve) => relay.listen(socketPath, resolve));
  expect(await clientOver(transport.send, 'http://factory').status(ASKED, signal())).toMatchObject({
    ready: true,
  });
  relay.close();
  await rm(folder, { recursive: true });
});

describe('a server that is none of ours', () => {
  let answer: { status: number; type: string; body: string };
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') expect.fail('a port');
    url = `http://127.0.0.1:${address.port}`;
  });
  afterAll(() => void server.close());

  test.each([
    { status: 200, type: 'application/json', body: '{"clusters":[{"user":"alice"}]}' },
    { status: 200, type: 'text/html', body: '<html>' },
    { status: 502, type: 'text/html', body: '<html>bad gateway' },
    { status: 404, type: 'application/problem+json', body: '{"code":"EVERYTHING_FINE"}' },
    { status: 200, type: 'application/json', body: `{"clusters":"${'x'.repeat(17 * 2 ** 20)}"}` },
  ])('$status $type is said so', async (given) => {
    answer = given;
    await expect(clientOver(overTcp(), url).list({}, signal())).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
    });
  });

  test.each([
    'event: ready\ndata: {"user":1}\n\n',
    'event: failed\ndata: {}\n\n',
    ': keep-alive\n\n',
    'event: progress\ndata: nonsense\n\n',
    `data: ${'x'.repeat(2 ** 21)}`,
  ])('events %#', async (body) => {
    answer = { status: 200, type: 'text/event-stream', body };
    await expect(clientOver(overTcp(), url).ensure(ASKED, {}, signal())).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
    });
  });

  test('nobody there', async () => {
    const nowhere = clientOver(overTcp(), 'http://127.0.0.1:1');
    await expect(nowhere.status(ASKED, signal())).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  });
});
