import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { problemSchema } from '../http/problem.ts';
import type { Principal } from '../tokens/principal.ts';
import { ASKED } from './testing/access-matrix.ts';
import { goodToken } from './testing/caller-tokens.ts';
import { type ServedApi, serveApi } from './testing/served-api.ts';

const STUDENT: Principal = { role: 'student', key: ASKED };
const ADMIN: Principal = { role: 'admin', name: 'root' };
const CLUSTER = '/api/v1/clusters/alice/k3s';
const BOBS = '/api/v1/clusters/bob/k3s';
const MOST_CALLS = 20;

let served: ServedApi;
beforeEach(async () => {
  served = await serveApi({ mostCalls: MOST_CALLS });
});
afterEach(() => served[Symbol.asyncDispose]());

const tokenOf = (principal: Principal) => goodToken(principal, served.mint);

function send(path: string, token: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...init.headers };
  return fetch(`${served.url}${path}`, { signal: AbortSignal.timeout(20_000), ...init, headers });
}

/** Each address has its first refusal in the log. */
async function sendFrom(localAddress: string, path: string, token: string, method: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const asking = request({ ...served.address, localAddress, path, method, headers });
  asking.end();
  const [answer]: IncomingMessage[] = await once(asking, 'response');
  await answer?.resume().toArray();
}

const call = async (path: string, init: RequestInit = {}, principal: Principal = STUDENT) =>
  send(path, await tokenOf(principal), init);

const audited = () => served.log.map((line) => JSON.parse(line)).filter(({ audit }) => audit === true);

const ALICE = { who: 'alice', from: expect.stringMatching(/^127\.0\.0\.1:\d+$/), door: 'api' };
const POST = { method: 'POST' };

describe('the audit log of the API', () => {
  test('has who was given a kubeconfig, and who was not', async () => {
    expect((await call(`${CLUSTER}/kubeconfig`)).status).toBe(200);
    expect((await call(`${BOBS}/kubeconfig`)).status).toBe(404);
    const kubeconfig = { ...ALICE, what: 'kubeconfig', role: 'student' };
    expect(audited()).toMatchObject([
      { ...kubeconfig, result: 'accepted', user: 'alice', lab: 'k3s' },
      { ...kubeconfig, result: 'refused', user: 'bob', lab: 'k3s', code: 'WORKSPACE_UNKNOWN' },
    ]);
  });

  test.each([
    [
      'failed',
      new FactoryError('CLUSTER_FAILED', 'The node ended.'),
      { result: 'failed', code: 'CLUSTER_FAILED' },
    ],
    [
      'was refused',
      new FactoryError('WORKSPACE_IN_USE', 'no'),
      { result: 'refused', code: 'WORKSPACE_IN_USE' },
    ],
  ])('has that an order %s, however that is told', async (_what, error, line) => {
    served.clusters.before = () => Promise.reject(error);
    await (await call(`${CLUSTER}/stop`, POST)).text();
    await (
      await call(`${CLUSTER}?wait=1m`, { method: 'PUT', headers: { accept: 'text/event-stream' } })
    ).text();
    expect(audited()).toMatchObject([
      { ...ALICE, order: 'stop', result: 'accepted' },
      { ...ALICE, order: 'stop', ...line },
      { ...ALICE, order: 'ensure', result: 'accepted' },
      { ...ALICE, order: 'ensure', ...line },
    ]);
    expect(served.log.filter((each) => each.includes(error.id)).length).toBeLessThanOrEqual(2);
  });

  test('has an order that a page of another site sends', async () => {
    const answer = await call(`${CLUSTER}/stop`, { ...POST, headers: { origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
    const reason = expect.stringContaining('evil.example');
    expect(audited()).toMatchObject([{ ...ALICE, what: 'order', result: 'refused', reason }]);
  });

  test('has the first of the questions that may not be asked, and none that may', async () => {
    expect((await call(CLUSTER)).status).toBe(200);
    for (let time = 0; time < 5; time += 1) expect((await call(`${BOBS}/logs`)).status).toBe(404);
    expect(audited()).toMatchObject([
      { ...ALICE, what: 'question', question: 'logs', user: 'bob', result: 'refused' },
    ]);
  });

  test('has a wrong token at once, with the reason', async () => {
    const answer = await send(CLUSTER, 'wrong');
    const { id } = problemSchema.parse(await answer.json());
    const { from, door } = ALICE;
    const reason = expect.stringMatching(/./);
    expect(audited()).toMatchObject([
      { who: '', from, door, what: 'caller', result: 'refused', errorId: id, reason },
    ]);
  });

  test('has no token in it, good, bad, or something like one', async () => {
    const good = await tokenOf(STUDENT);
    const [head = '', claims = '', signature = ''] = good.split('.');
    const claimed = (more: object) =>
      Buffer.from(
        JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), ...more }),
      ).toString('base64url');
    const text = fc.stringMatching(/^[A-Za-z0-9_-]{12,60}$/);
    const tokens = fc.oneof(
      fc.constant(good),
      text,
      text.map((wrong) => `${head}.${claims}.${wrong}`),
      text.map((sub) => `${head}.${claimed({ sub, jti: sub })}.${signature}`),
      text.map(
        (alg) =>
          `${Buffer.from(JSON.stringify({ alg, typ: alg })).toString('base64url')}.${claims}.${signature}`,
      ),
    );
    const paths = fc.constantFrom(CLUSTER, BOBS, `${CLUSTER}/kubeconfig`, `${CLUSTER}/stop`);
    let run = 0;
    const tried = fc.asyncProperty(
      tokens,
      paths,
      fc.constantFrom('GET', 'POST'),
      async (token, path, method) => {
        run += 1;
        const before = served.log.length;
        await sendFrom(`127.0.2.${run}`, path, token, method);
        const lines = served.log.slice(before).join('');
        for (const part of token.split('.').filter(({ length }) => length > 11))
          expect(lines).not.toContain(part);
      },
    );
    await fc.assert(tried, { numRuns: 90 });
    expect(audited().length).toBeGreaterThan(1);
  });
});

describe('a caller who asks all the time', () => {
  test('is told when to come again, and others are served', async () => {
    for (let time = 0; time < MOST_CALLS; time += 1) expect((await call(CLUSTER)).status).toBe(200);
    // By whichever token.
    const answer = await call(CLUSTER);
    expect(answer.status).toBe(429);
    expect(problemSchema.parse(await answer.json())).toMatchObject({
      status: 429,
      code: 'TOO_MANY_REQUESTS',
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await call(`${CLUSTER}/stop`, POST)).status).toBe(429);
    expect(served.clusters.given).toEqual([]);
    expect((await call(CLUSTER, {}, ADMIN)).status).toBe(200);
    expect(audited()).toMatchObject([{ ...ALICE, result: 'limited' }]);
  });

  test('is not who sends wrong tokens in their name', async () => {
    const [head, claims] = (await tokenOf(STUDENT)).split('.');
    for (let time = 0; time < 2 * MOST_CALLS; time += 1) await send(CLUSTER, `${head}.${claims}.x`);
    expect((await call(CLUSTER)).status).toBe(200);
  });
});
