import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';

describe('the HTTP API of a running factory', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;

  beforeAll(async () => {
    factory = stack.use(await Factory.start({ labs: { plain: PLAIN_LAB } }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${factory.endpoints.web.url}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE) });

  test('lets in who has a token, on the web server and on the control socket, and nobody else', async () => {
    const made = await runFactory(factory.folder, ['token', 'create', '--role', 'admin', '--name', 'dave']);
    const authorization = `Bearer ${made.stdout.trim()}`;
    expect((await get('/api/v1/clusters')).status).toBe(401);
    const listed = await get('/api/v1/clusters', { authorization });
    expect([listed.status, await listed.json()]).toEqual([200, { clusters: [] }]);
    const { code, stdout } = await runFactory(factory.folder, ['cluster', 'list', '--json']);
    expect([code, JSON.parse(stdout)]).toEqual([0, { clusters: [] }]);
    const revoked = await runFactory(factory.folder, ['token', 'revoke', '--name', 'dave']);
    expect(revoked.code).toBe(0);
    expect((await get('/api/v1/clusters', { authorization })).status).toBe(401);
  });

  test('describes itself, and publishes its keys, to whoever asks', async () => {
    expect(await (await get('/api/v1/openapi.json')).json()).toMatchObject({ openapi: '3.1.1' });
    expect(await (await get('/api/v1/jwks.json')).json()).toMatchObject({
      keys: [{ kty: 'OKP', alg: 'EdDSA' }],
    });
  });
});
