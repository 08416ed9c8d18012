import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { parseInstanceId } from '../names/instance-id.ts';
import { systemClock } from '../time/clock.ts';
import { openTokens, type Tokens } from '../tokens/open-tokens.ts';
import { AUDIENCE } from '../tokens/principal.ts';
import { ALICE, CAROL, DAVE } from '../tokens/testing/some-tokens.ts';
import { type ControlClient, createControlClient } from './control-client.ts';
import { startControlServer } from './control-server.ts';
import { controlSocket } from './control-socket.ts';
import { IDLE_TARGET } from './testing/idle-target.ts';
import type { TokenRequestBody } from './token-request.ts';

const MINUTE = 60_000;
const instance = parseInstanceId('abcd1234') ?? expect.fail();
const signal = () => AbortSignal.timeout(30_000);

let stack: AsyncDisposableStack;
let log: string;
let tokens: Tokens;
let client: ControlClient;
let plain: Pool;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  log = '';
  const data = await mkdtemp(join(tmpdir(), 'tokens-route-'));
  stack.defer(() => rm(data, { recursive: true }));
  const write = (line: string) => {
    log += line;
  };
  const logger = createLogger('trace', [{ write }]);
  tokens = stack.use(await openTokens({ data, instance, clock: systemClock, logger }));
  const path = controlSocket(data);
  const server = await startControlServer({ path, target: { ...IDLE_TARGET, tokens }, logger });
  stack.defer(() => server.close());
  client = stack.use(createControlClient(path));
  plain = new Pool('http://factory', { socketPath: path });
  stack.defer(() => plain.close());
});
afterEach(() => stack.disposeAsync());

const CAROLS: TokenRequestBody = {
  role: 'instructor',
  name: 'carol',
  groups: ['class-a', 'class-b'],
  for_ms: 60 * MINUTE,
};

const verify = (token: string) => tokens.verifier.verify(token, AUDIENCE.api);

describe('tokens by the control socket', () => {
  test('are for whom they were asked for, and the log has who but not the token', async () => {
    const asked: [TokenRequestBody, unknown][] = [
      [{ role: 'student', workspace: 'alice/k3s', for_ms: MINUTE }, ALICE],
      [CAROLS, CAROL],
      [{ role: 'admin', name: 'dave@example.org', for_ms: MINUTE }, DAVE],
    ];
    for (const [request, principal] of asked) {
      const { token, expires_at } = await client.tokens.create(request, signal());
      const verified = await verify(token);
      expect(verified.principal).toEqual(principal);
      expect(Date.parse(expires_at)).toBe(verified.expiresAt);
      for (const part of token.split('.')) expect(log).not.toContain(part);
    }
    expect(log).toMatch(/"role":"instructor","name":"carol".*a token is made/);
  });

  test('that are revoked are void, and the next one is good', async () => {
    const { token } = await client.tokens.create(CAROLS, signal());
    await client.tokens.revoke({ kind: 'workspace', workspace: 'alice/k3s' }, signal());
    await verify(token);
    await client.tokens.revoke({ kind: 'name', name: 'carol' }, signal());
    await expect(verify(token)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    await new Promise((resolve) => setTimeout(resolve, 2));
    await verify((await client.tokens.create(CAROLS, signal())).token);
    expect(log).toMatch(/"kind":"name","of":"carol"/);
  });

  test('have keys that are changed, and told', async () => {
    const before = await client.tokens.jwks(signal());
    const { kid, signs_from } = await client.tokens.rotate(signal());
    expect(Date.parse(signs_from)).toBeGreaterThan(Date.now());
    const after = await client.tokens.jwks(signal());
    expect(after).toEqual(tokens.jwks());
    expect(after.keys.map((key) => key.kid)).toEqual([...before.keys.map((key) => key.kid), kid]);
  });

  test('that may not be are refused in words, and that is no failure in the log', async () => {
    const error: unknown = await client.tokens
      .create({ ...CAROLS, for_ms: 91 * 86_400_000 }, signal())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('at most'),
      detail: undefined,
    });
    await expect(client.tokens.create({ ...CAROLS, name: 'the boss' }, signal())).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    expect(log).not.toContain('errorId');
  });

  test.each<[string, string, unknown]>([
    ['no role', '/tokens', { name: 'carol', for_ms: 1_000 }],
    ['the role of a process', '/tokens', { role: 'gateway', name: 'carol', for_ms: 1_000 }],
    [
      'an instructor without groups',
      '/tokens',
      { role: 'instructor', name: 'carol', groups: [], for_ms: 1_000 },
    ],
    ['an admin with groups', '/tokens', { role: 'admin', name: 'carol', groups: ['a'], for_ms: 1_000 }],
    ['a workspace that is none', '/tokens', { role: 'student', workspace: 'alice', for_ms: 1_000 }],
    ['a path as a workspace', '/tokens', { role: 'student', workspace: '../k3s', for_ms: 1_000 }],
    ['no lifetime', '/tokens', { role: 'admin', name: 'carol' }],
    ['half a millisecond', '/tokens', { role: 'admin', name: 'carol', for_ms: 0.5 }],
    ['a revocation of nothing', '/tokens/revocations', {}],
    ['a revocation of two things', '/tokens/revocations', { kind: 'name', name: 'carol', id: 'x' }],
    ['a revocation of an id that is none', '/tokens/revocations', { kind: 'id', id: 'x' }],
  ])('%s is refused', async (_what, path, body) => {
    const { statusCode } = await post(path, body);
    expect(statusCode).toBe(400);
    expect((await post('/tokens', CAROLS)).statusCode).toBe(201);
    expect((await post('/tokens/revocations', { kind: 'name', name: 'carol' })).statusCode).toBe(204);
  });

  test('are kept by no cache', async () => {
    expect((await post('/tokens', CAROLS)).headers['cache-control']).toBe('no-store');
  });
});

async function post(path: string, body: unknown) {
  const answer = await plain.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: signal(),
  });
  await answer.body.dump();
  return answer;
}
