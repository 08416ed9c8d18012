import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { toRecorded } from '../history/published-event.ts';
import { eventAt } from '../history/testing/some-event.ts';
import { problemSchema } from '../http/problem.ts';
import { readMessages } from '../http/server-sent-events.ts';
import { MOST_WRONG_TOKENS } from '../http/wrong-tokens.ts';
import type { Principal } from '../tokens/principal.ts';
import { clusterListSchema, clusterSchema } from './cluster-schema.ts';
import { MOST_OPEN_CALLS } from './open-calls.ts';
import { ASKED, QUIET } from './testing/access-matrix.ts';
import { goodToken } from './testing/caller-tokens.ts';
import { type ServedApi, serveApi } from './testing/served-api.ts';

const STUDENT: Principal = { role: 'student', key: ASKED };
const ADMIN: Principal = { role: 'admin', name: 'root' };
const CLUSTER = '/api/v1/clusters/alice/k3s';

let served: ServedApi;
beforeEach(async () => {
  served = await serveApi();
});
afterEach(() => served[Symbol.asyncDispose]());

async function call(path: string, init: RequestInit = {}, principal = STUDENT): Promise<Response> {
  const authorization = `Bearer ${await goodToken(principal, served.mint)}`;
  const headers = { authorization, ...init.headers };
  return fetch(`${served.url}${path}`, { signal: AbortSignal.timeout(20_000), ...init, headers });
}

async function problem(answer: Response) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const told = problemSchema.parse(await answer.json());
  expect(told.status).toBe(answer.status);
  return told;
}

const json = (body: string) => ({ body, headers: { 'content-type': 'application/json' } });

async function messagesOf(answer: Response) {
  const messages: unknown[] = [];
  const body = answer.body ?? expect.fail('a body');
  for await (const { event, data } of readMessages(body.pipeThrough(new TextDecoderStream()))) {
    messages.push([event, data]);
  }
  return messages;
}

/** A command that is carried out when the test says so, or fails then. */
function heldUp() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  served.clusters.before = (_command, signal) => {
    signals.push(signal);
    return promise;
  };
  promise.catch(() => {});
  return { release: resolve, fail: reject, signals };
}

describe('ensure', () => {
  test('answers with the status when it is of use', async () => {
    const answer = await call(`${CLUSTER}?wait=20s`, { method: 'PUT' });
    expect(answer.status).toBe(200);
    expect(clusterSchema.parse(await answer.json())).toMatchObject({
      state: 'running',
      ready: true,
      versions: ['v1.35.0+k3s1'],
      memory_bytes: 500_000_000,
      addresses: { ingress: '10.209.0.2', api: '10.209.0.2:6443' },
      sessions: 1,
    });
    expect(served.clusters.given).toEqual([
      { workspace: 'alice/k3s', command: { kind: 'cluster_start' }, by: 'alice' },
    ]);
  });

  test('answers at once where nothing else is asked for, and after the wait where it is not so by then', async () => {
    const held = heldUp();
    const atOnce = await call(CLUSTER, { method: 'PUT' });
    const waited = await call(`${CLUSTER}?wait=50ms`, { method: 'PUT' });
    expect([atOnce.status, waited.status]).toEqual([202, 202]);
    held.release();
    expect((await call(`${CLUSTER}?wait=0s`, { method: 'PUT' })).status).toBe(200);
  });

  test('tells what is going on as events, and then how it ended', async () => {
    const held = heldUp();
    served.clusters.setPhase(ASKED, working('pulling the image'));
    const answer = await call(CLUSTER, { method: 'PUT', headers: { accept: 'text/event-stream' } });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const told = messagesOf(answer);
    await expect.poll(() => served.clusters.listeners).toBe(1);
    served.clusters.setPhase(ASKED, working('starting Kubernetes'));
    served.clusters.setPhase(ASKED, working('starting Kubernetes'));
    await expect.poll(() => served.clusters.given).toHaveLength(1);
    held.release();
    const progress = (step: string) => ['progress', { part: 'cluster', action: 'create', step }];
    expect(await told).toMatchObject([
      progress('pulling the image'),
      progress('starting Kubernetes'),
      ['ready', { state: 'running' }],
    ]);
    expect(served.clusters.listeners).toBe(0);
  });

  test('a failure ends the events with its problem, and is in the log', async () => {
    const failure = new FactoryError('CLUSTER_FAILED', 'The node ended.', { detail: 'out of memory' });
    heldUp().fail(failure);
    const answer = await call(CLUSTER, { method: 'PUT', headers: { accept: 'text/event-stream' } });
    const [last] = (await messagesOf(answer)).slice(-1);
    expect(last).toMatchObject(['failed', { code: 'CLUSTER_FAILED', id: failure.id, status: 500 }]);
    expect(served.log.filter((line) => line.includes(failure.id))).toHaveLength(1);
  });

  test.each(['text/event-stream', 'application/json'])(
    'who hangs up (%s) does not call it off, and leaves nothing behind',
    async (accept) => {
      const held = heldUp();
      const leave = new AbortController();
      const asking = call(`${CLUSTER}?wait=1h`, { method: 'PUT', signal: leave.signal, headers: { accept } });
      const ended = asking.then((answer) => answer.text()).catch(() => {});
      await expect.poll(() => held.signals).toHaveLength(1);
      leave.abort();
      await ended;
      await expect.poll(() => held.signals[0]?.aborted).toBe(true);
      held.release();
      await expect.poll(async () => (await call(CLUSTER)).json()).toMatchObject({ state: 'running' });
      await expect.poll(() => served.clusters.listeners).toBe(0);
    },
  );
});

function working(step: string) {
  return {
    kind: 'working' as const,
    action: 'create' as const,
    step,
    since: Date.now(),
    overdueAt: Number.POSITIVE_INFINITY,
  };
}

describe('the other orders', () => {
  test.each([
    ['POST', '/suspend', { kind: 'cluster_suspend' }, 'suspended'],
    ['POST', '/stop', { kind: 'cluster_stop' }, 'stopped'],
    ['POST', '/reset', { kind: 'reset', part: 'cluster' }, 'running'],
    ['DELETE', '', { kind: 'cluster_delete' }, 'absent'],
    ['POST', '/nodes/agent-0/stop', { kind: 'node_stop', node: 'agent-0' }, 'running'],
    ['POST', '/nodes/agent-0/start', { kind: 'node_start', node: 'agent-0' }, 'running'],
  ] as const)('%s %s answers when it is so', async (method, path, command, state) => {
    const held = heldUp();
    expect((await call(`${CLUSTER}${path}?wait=0s`, { method })).status).toBe(202);
    const answering = call(`${CLUSTER}${path}`, { method });
    await expect.poll(() => served.clusters.given).toHaveLength(2);
    held.release();
    const answer = await answering;
    expect([answer.status, await answer.json()]).toMatchObject([200, { state }]);
    expect(served.clusters.given[1]).toEqual({ workspace: 'alice/k3s', command, by: 'alice' });
  });

  test('what is done to a node goes on when nobody waits', async () => {
    const held = heldUp();
    await call(`${CLUSTER}/nodes/agent-0/start?wait=0s`, { method: 'POST' });
    expect(held.signals.map(({ aborted }) => aborted)).toEqual([false]);
    held.release();
  });

  test('a node that is none is refused', async () => {
    const told = await problem(await call(`${CLUSTER}/nodes/postgres/stop`, { method: 'POST' }));
    expect([told.status, told.code]).toEqual([404, 'NODE_UNKNOWN']);
  });

  test('extends the sessions', async () => {
    const answer = await call(`${CLUSTER}/extend`, { method: 'POST', ...json('{"for":"30m"}') });
    expect(await answer.json()).toEqual({ ends_at: '2026-11-28T10:30:00.000Z' });
  });

  test('a refusal of the factory is a problem with its code and id', async () => {
    const refusal = new FactoryError('WORKSPACE_IN_USE', 'Somebody came in meanwhile.');
    heldUp().fail(refusal);
    const told = await problem(await call(`${CLUSTER}/stop`, { method: 'POST' }));
    expect(told).toEqual({
      type: 'urn:ssh-lab-factory:error:WORKSPACE_IN_USE',
      title: 'Workspace in use',
      status: 409,
      detail: 'Somebody came in meanwhile.',
      code: 'WORKSPACE_IN_USE',
      id: refusal.id,
    });
  });
});

test('who may have no workspace has none made, though nobody waits for it', async () => {
  served.clusters.admit = () => Promise.reject(new FactoryError('USER_UNKNOWN', 'No source knows her.'));
  const told = await problem(await call(CLUSTER, { method: 'PUT' }));
  expect(told).toMatchObject({ status: 404, code: 'USER_UNKNOWN', detail: 'No source knows her.' });
  expect(served.clusters.given).toEqual([]);
});

describe('what is asked for wrongly', () => {
  test.each([
    ['PUT', '?wait=soon', 422],
    ['PUT', '?wait=2h', 422],
    ['PUT', '?wiat=30s', 422],
    ['GET', '?verbose=true', 422],
    ['GET', '/kubeconfig?for=everybody', 422],
    ['GET', '/logs?lines=0', 422],
    ['GET', '/logs?lines=1000000', 422],
    ['GET', '/events?since=yesterday', 422],
    ['GET', '/nothing', 404],
    ['POST', '', 404],
  ] as const)('%s %s', async (method, path, status) => {
    const told = await problem(await call(`${CLUSTER}${path}`, { method }));
    expect([told.status, told.code]).toEqual([status, 'REQUEST_INVALID']);
    expect(served.clusters.given).toEqual([]);
  });

  test.each([
    ['{"for":"30m"', 400],
    ['{"for":30}', 422],
    ['{}', 422],
    ['', 422],
    ['[]', 422],
    ['{"for":"30m","and":"more"}', 422],
    ['{"for":"30m","__proto__":{}}', 400],
    [`{"for":"${'9'.repeat(5_000)}"}`, 413],
  ])('a body %j', async (body, status) => {
    const told = await problem(await call(`${CLUSTER}/extend`, { method: 'POST', ...json(body) }));
    expect([told.status, told.code]).toEqual([status, 'REQUEST_INVALID']);
  });

  test('a body of another type', async () => {
    const told = await problem(await call(`${CLUSTER}/extend`, { method: 'POST', body: 'for=30m' }));
    expect(told.status).toBe(415);
  });
});

describe('reading', () => {
  test('the list is filtered', async () => {
    served.clusters.add(QUIET, { state: 'suspended' });
    const listed = async (query: string) => {
      const answer = await call(`/api/v1/clusters?${query}`, {}, ADMIN);
      return clusterListSchema.parse(await answer.json()).clusters.map(({ user, lab }) => `${user}/${lab}`);
    };
    expect(await listed('')).toEqual(['alice/k3s', 'alice/other', 'bob/k3s', 'dora/k3s']);
    expect(await listed('user=alice&lab=other')).toEqual(['alice/other']);
    expect(await listed('state=suspended')).toEqual(['dora/k3s']);
  });

  test('a kubeconfig for either place', async () => {
    const outside = await call(`${CLUSTER}/kubeconfig`);
    expect(outside.headers.get('content-type')).toBe('application/yaml');
    expect(await outside.text()).toContain('of alice/k3s for outside');
    const container = await call(`${CLUSTER}/kubeconfig?for=container`);
    expect(await container.text()).toContain('of alice/k3s for container');
  });

  test('logs as JSON, and as text for who wants that', async () => {
    expect(await (await call(`${CLUSTER}/logs?lines=2`)).json()).toMatchObject({
      nodes: [{ name: 'server-0', lines: ['two', 'three'] }],
      last_failure: { lines: ['it failed'] },
    });
    const text = await call(`${CLUSTER}/logs`, { headers: { accept: 'text/plain, */*' } });
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await text.text()).toContain('== server-0 (running)\none\n');
  });

  test('a status without the nodes is better than none', async () => {
    served.clusters.nodes = () => Promise.reject(new FactoryError('DOCKER_UNAVAILABLE', 'No answer.'));
    const answer = await call(CLUSTER);
    expect(await answer.json()).toMatchObject({ state: 'running', nodes: null, memory_bytes: null });
  });
});

describe('events', () => {
  test('of this workspace, and they end with the session', async () => {
    const asked: unknown[] = [];
    served.clusters.tell = async function* (query) {
      asked.push(query);
      yield toRecorded({ id: 1, event: eventAt(1, ASKED) });
      served.clusters.setSessions(ASKED, 0);
      yield toRecorded({ id: 2, event: eventAt(2, ASKED) });
    };
    const answer = await call(`${CLUSTER}/events?follow=true&limit=5`, { headers: { 'last-event-id': '7' } });
    const told = await messagesOf(answer);
    expect(told).toMatchObject([[undefined, { id: 1, user: 'alice' }]]);
    expect(asked).toMatchObject([{ user: 'alice', lab: 'k3s', newest: 5, follow: true, after: 7 }]);
  });

  test('a reader who leaves is not read for any more', async () => {
    let isReading: AbortSignal | undefined;
    served.clusters.tell = async function* (_query, signal) {
      isReading = signal;
      yield toRecorded({ id: 1, event: eventAt(1, ASKED) });
      await once(signal, 'abort');
    };
    const leave = new AbortController();
    await call(`${CLUSTER}/events?follow=true`, { signal: leave.signal });
    expect(isReading?.aborted).toBe(false);
    leave.abort();
    await expect.poll(() => isReading?.aborted).toBe(true);
  });
});

test('one caller does not take all there is, and others are served', async () => {
  const held = heldUp();
  const leave = new AbortController();
  const waits = Array.from({ length: MOST_OPEN_CALLS }, () =>
    call(`${CLUSTER}?wait=1h`, { method: 'PUT', signal: leave.signal }).catch(() => {}),
  );
  await expect.poll(() => held.signals).toHaveLength(MOST_OPEN_CALLS);
  const told = await problem(await call(CLUSTER));
  expect([told.status, told.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
  expect((await call(CLUSTER, {}, ADMIN)).status).toBe(200);
  leave.abort();
  await Promise.all(waits);
  await expect.poll(async () => (await call(CLUSTER)).status).toBe(200);
});

describe('an address that sends wrong tokens again and again', () => {
  const good = async () => `Bearer ${await goodToken(STUDENT, served.mint)}`;
  const ask = async (authorization: string, localAddress = '127.0.0.1') => {
    const asking = request({ ...served.address, path: CLUSTER, localAddress, headers: { authorization } });
    asking.end();
    const [answer]: IncomingMessage[] = await once(asking, 'response');
    if (answer === undefined) throw new Error('a response without a message');
    let body = '';
    for await (const chunk of answer.setEncoding('utf8')) body += chunk;
    const { statusCode: status, headers } = answer;
    return { status, retryAfter: headers['retry-after'], body, type: headers['content-type'] };
  };
  const askOften = async (authorization: string) => {
    const statuses: unknown[] = [];
    for (let time = 0; time < MOST_WRONG_TOKENS; time += 1) statuses.push((await ask(authorization)).status);
    return new Set(statuses);
  };

  test('is told when to come again, and whoever has a right one is served, there as elsewhere', async () => {
    expect(await askOften('Bearer wrong')).toEqual(new Set([401]));
    const { status, retryAfter, body, type } = await ask('Bearer wrong');
    expect([status, type]).toEqual([429, 'application/problem+json; charset=utf-8']);
    expect(problemSchema.parse(JSON.parse(body))).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    expect((await ask('Bearer wrong', '127.0.0.2')).status).toBe(401);
    expect((await ask(await good(), '127.0.0.2')).status).toBe(200);
    expect((await ask(await good())).status).toBe(200);
    const lines = served.log.map((line): { code?: string; result?: string } => JSON.parse(line));
    expect(lines.filter(({ code }) => code === 'TOKEN_REFUSED')).toHaveLength(MOST_WRONG_TOKENS + 1);
    expect(lines.filter(({ result }) => result === 'limited')).toHaveLength(1);
  });

  test('and not one whose tokens are right, however often', async () => {
    const right = await good();
    for (let times = 0; times < 2; times += 1) expect(await askOften(right)).toEqual(new Set([200]));
    expect((await ask('Bearer wrong')).status).toBe(401);
  });
});

test('a failure of the factory is a problem without its causes', async () => {
  served.clusters.kubeconfig = () => Promise.reject(new Error('ENOENT /etc/secret'));
  const told = await problem(await call(`${CLUSTER}/kubeconfig`));
  expect([told.status, told.code]).toEqual([500, 'UNEXPECTED']);
  expect(JSON.stringify(told)).not.toContain('secret');
  expect(served.log.some((line) => line.includes(told.id) && line.includes('/etc/secret'))).toBe(true);
});

describe('whatever is sent', () => {
  const segment = fc.oneof(
    fc.constantFrom('api', 'v1', 'clusters', 'alice', 'k3s', 'nodes', 'agent-0', 'stop', 'extend', 'events'),
    fc.constantFrom('..', '.', '%2e%2e', '%00', '%zz', '%', 'ALICE', '<script>', 'a'.repeat(300), ''),
    fc.string({ maxLength: 12 }).map(encodeURIComponent),
  );
  const query = fc.oneof(
    fc.constantFrom(
      '',
      '?wait=0s',
      '?wait=-1s',
      '?lines=9e9',
      '?follow=true&limit=0',
      '?for[]=a',
      '?&&=',
      '?a=%zz',
    ),
    fc.string({ maxLength: 12 }).map((text) => `?${encodeURIComponent(text)}`),
  );
  const path = fc.oneof(
    fc
      .tuple(fc.array(segment, { maxLength: 7 }), query)
      .map(([parts, rest]) => `/api/v1/${parts.join('/')}${rest}`),
    fc
      .tuple(fc.array(segment, { maxLength: 3 }), query)
      .map(([parts, rest]) => `${[CLUSTER, ...parts].join('/')}${rest}`),
  );
  const method = fc.constantFrom(
    'GET',
    'HEAD',
    'PUT',
    'POST',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
  );
  const header = fc.tuple(
    fc.constantFrom(
      'accept',
      'origin',
      'content-type',
      'last-event-id',
      'sec-fetch-site',
      'x-made-up',
      'range',
    ),
    fc.oneof(
      fc.constantFrom('text/event-stream', 'application/json', 'null', 'text/plain;q=0', '*/*', '-1'),
      fc.string({ maxLength: 20 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?')),
    ),
  );
  const body = fc.option(fc.oneof(fc.json(), fc.string({ maxLength: 50 }), fc.constant('x'.repeat(6_000))));

  test('is answered, never by a failure, and refused by a problem', async () => {
    const token = await goodToken(ADMIN, served.mint);
    const tried = fc.asyncProperty(
      method,
      path,
      fc.array(header, { maxLength: 3 }),
      body,
      fc.boolean(),
      async (verb, where, headers, content, isKnown) => {
        const pairs = headers.flat();
        if (isKnown) pairs.push('authorization', `Bearer ${token}`);
        const answer = await send(
          { method: verb, path: where, headers: ['host', 'factory', ...pairs] },
          content,
        );
        expect(answer.status).toBeLessThan(500);
        if (answer.status < 400 || verb === 'HEAD') return;
        expect(answer.type).toContain('application/problem+json');
        expect(problemSchema.parse(JSON.parse(answer.text)).status).toBe(answer.status);
      },
    );
    await fc.assert(tried, { numRuns: 600 });
  });

  async function send(options: RequestOptions & { headers: string[] }, content: string | null) {
    const length = ['content-length', String(Buffer.byteLength(content ?? ''))];
    const asking = request({
      ...served.address,
      ...options,
      headers: [...options.headers, ...length],
      signal: AbortSignal.timeout(20_000),
    });
    asking.end(content ?? undefined);
    const [answer]: IncomingMessage[] = await once(asking, 'response');
    if (answer === undefined) throw new Error('a response without a message');
    let told = '';
    for await (const chunk of answer.setEncoding('utf8')) told += chunk;
    return { status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text: told };
  }
});

test('an order is one line of the audit log, also one that is refused; a question is none', async () => {
  await call(CLUSTER);
  await call(`${CLUSTER}/stop`, { method: 'POST' });
  await call('/api/v1/clusters/bob/k3s/stop', { method: 'POST' });
  const lines = served.log.map((line) => JSON.parse(line)).filter(({ audit }) => audit === true);
  const from = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
  expect(lines).toMatchObject([
    { who: 'alice', from, door: 'api', what: 'order', result: 'accepted', user: 'alice', order: 'stop' },
    { who: 'alice', from, door: 'api', what: 'order', result: 'refused', user: 'bob', order: 'stop' },
  ]);
  expect(served.log.join()).not.toMatch(/bearer|eyJ/i);
});
