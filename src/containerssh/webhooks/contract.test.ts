import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { FactoryError } from '../../errors/factory-error.ts';
import { type Capture, captured, captures } from '../testing/captures.ts';
import { MemorySessions } from '../testing/memory-sessions.ts';
import { serveWebhooks } from '../testing/serve-webhooks.ts';
import { strictAuth, strictConfig } from '../testing/strict-decoder.ts';
import {
  authAnswer,
  authorizationRequest,
  configRequest,
  passwordRequest,
  publicKeyRequest,
} from './protocol.ts';

const REQUESTS: Readonly<Record<string, z.ZodType>> = {
  '/pubkey': publicKeyRequest,
  '/password': passwordRequest,
  '/authz': authorizationRequest,
  '/config': configRequest,
};

let webhooks: Awaited<ReturnType<typeof serveWebhooks>>;
beforeAll(async () => {
  webhooks = await serveWebhooks();
  // Keys come first on a connection; the captures have one of each.
  for (const { path, request } of captures()) if (path === '/pubkey') await webhooks.post(path, request.body);
});
afterAll(() => webhooks[Symbol.asyncDispose]());

describe.each(captures())('$name', ({ path, request, response }) => {
  const decoder = path === '/config' ? strictConfig : strictAuth;

  test('its request is read whole: nothing of it is lost or changed', () => {
    expect(REQUESTS[path]?.parse(request.body)).toEqual(request.body);
  });

  test('the answer that ContainerSSH took passes the strict decoder of the tests', () => {
    expect(decoder.parse(response.body)).toEqual(response.body);
  });

  test('ours for the same request is one that it takes, and repeats what it has to', async () => {
    const { status, headers, body } = await webhooks.post(path, request.body);
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json/)]);
    expect(() => decoder.parse(body)).not.toThrow();
    const { passwordBase64: _, publicKey: __, authenticatedUsername: ___, ...repeated } = request.body;
    expect(body).toMatchObject(repeated);
  });
});

/** Key for key; what the captures' own server gave along, ours has no use for. */
function shapeOf({ request, response }: Capture) {
  const { metadata: _, environment: __, files: ___, ...own } = response.body;
  return request.body.metadata === undefined ? own : response.body;
}

test.each([
  'pubkey-success',
  'pubkey-rsa-success',
  'pubkey-failure',
  'pubkey-success-with-metadata-env-files',
  'password-failure',
  'authz-success',
  'authz-denied',
  'authz-with-metadata',
])('%s: the answer is the captured one', async (name) => {
  const capture = captured(name);
  const { body } = await webhooks.post(capture.path, capture.request.body);
  expect(body).toEqual(shapeOf(capture));
});

test.each(['config-connection-mode', 'config-with-metadata'])('%s: the workspace is run', async (name) => {
  const { request, response } = captured(name);
  const { body } = await webhooks.post('/config', request.body);
  const { config } = strictConfig.parse(body);
  const { container, host, ...execution } = config.docker.execution;
  expect(container).toEqual({
    image: 'lab:1',
    Entrypoint: [''],
    User: '1000:1000',
    WorkingDir: '/home/lab',
    Env: ['HOME=/home/lab', `NAME=${request.body.username}`],
    Labels: { workspace: `${request.body.username}/k3s` },
  });
  expect(host).toEqual({
    Binds: [`home-${request.body.username}:/home/lab`],
    Mounts: [
      {
        Type: 'bind',
        Source: '/srv/data',
        Target: '/data',
        ReadOnly: true,
        BindOptions: { Propagation: 'rprivate', NonRecursive: true },
      },
    ],
    SecurityOpt: ['no-new-privileges'],
    NetworkMode: 'lab-network',
    Memory: 2 ** 30,
    MemorySwap: 2 ** 30,
    NanoCpus: 1_500_000_000,
    PidsLimit: 512,
    Init: true,
  });
  const as = strictConfig.parse(response.body).config;
  expect(config.security).toEqual(as.security);
  expect(Object.keys(execution).sort()).toEqual(
    Object.keys(as.docker.execution)
      .filter((key) => key !== 'container' && key !== 'host')
      .sort(),
  );
  expect(webhooks.sessions.opened.at(-1)).toEqual({
    id: request.body.connectionId,
    key: { user: request.body.username, lab: 'k3s' },
    clientAddress: request.body.remoteAddress,
    clientProgram: request.body.clientVersion,
  });
});

test('a password is never right: no source has any', async () => {
  const { request } = captured('password-success');
  const { body } = await webhooks.post('/password', request.body);
  expect(authAnswer.parse(body)).toMatchObject({ success: false });
});

test('fields that a later ContainerSSH may send are passed over', async () => {
  const { request } = captured('pubkey-success');
  const { body } = await webhooks.post('/pubkey', { ...request.body, country: 'XX', some: { more: [1] } });
  expect(strictAuth.parse(body)).toMatchObject({ success: true });
});

describe('who and which lab', () => {
  const { request } = captured('pubkey-success');
  const key = (username: string) => webhooks.post('/pubkey', { ...request.body, username });

  test.each(['alice', 'Alice', 'ALICE/k3s', 'alice/k3s', 'alice+k3s', 'alice+no-such-lab'])(
    '%s may log in as alice',
    async (username) => {
      expect((await key(username)).body).toMatchObject({
        username,
        success: true,
        authenticatedUsername: 'alice',
      });
    },
  );

  test.each([
    '',
    'alice/',
    'alice//k3s',
    'al_ice',
    'mallory',
    '../alice',
    'alice/k3s/x',
    'ａlice',
    'x'.repeat(9_000),
  ])('%j may not', async (username) => {
    const { status, body } = await key(username);
    expect([status, body]).toEqual([200, expect.objectContaining({ username, success: false })]);
    expect(body).not.toHaveProperty('authenticatedUsername');
  });

  test.each([
    ['nothing', ''],
    ['a type alone', 'ssh-ed25519'],
    ['a key cut short', 'ssh-ed25519 AAAA'],
    ['two keys', `${request.body.publicKey}\n${request.body.publicKey}`],
  ])('%s is no key', async (_, publicKey) => {
    expect((await webhooks.post('/pubkey', { ...request.body, publicKey })).body).toMatchObject({
      success: false,
    });
  });

  const rows: ReadonlyArray<readonly [string, string | undefined, string | undefined]> = [
    ['alice', 'alice', 'k3s'],
    ['alice+k3s', 'alice', 'k3s'],
    ['alice/plain', 'alice', undefined],
    ['bob', 'bob', undefined],
    ['bob/plain', 'bob', 'plain'],
    ['mallory', 'mallory', undefined],
    // Of two names only the verified one counts, and it must be the same.
    ['alice', 'bob', undefined],
    ['bob/k3s', 'alice', undefined],
    ['alice', undefined, undefined],
    ['alice', '', undefined],
    ['alice/k3s', 'alice/k3s', undefined],
  ];
  test.each(rows)('%s, who is %s, gets %s', async (username, authenticatedUsername, lab) => {
    const { request: call } = captured('authz-success');
    const body = { ...call.body, username, authenticatedUsername };
    await webhooks.askKey({ ...body, username: authenticatedUsername ?? username });
    const before = webhooks.sessions.opened.length;
    expect((await webhooks.post('/authz', body)).body).toMatchObject({ success: lab !== undefined });
    const { status, body: answer } = await webhooks.post('/config', body);
    expect(status).toBe(200);
    const opened = webhooks.sessions.opened.slice(before).map((each) => each.key.lab);
    if (lab === undefined) {
      // ContainerSSH knows no such backend and ends the connection: nothing runs, and nobody waits.
      expect([opened, answer]).toEqual([[], expect.objectContaining({ config: { backend: 'refused' } })]);
    } else {
      expect(opened).toEqual([lab]);
      expect(() => strictConfig.parse(answer)).not.toThrow();
    }
  });
});

describe('a login', () => {
  const { request } = captured('config-connection-mode');
  const refused = expect.objectContaining({ config: { backend: 'refused' } });

  test('needs a key of theirs that was said to do on this connection', async () => {
    await using own = await serveWebhooks();
    expect((await own.post('/config', request.body)).body).toEqual(refused);
    await own.askKey({ ...request.body, username: 'meta-carol' });
    expect((await own.post('/config', request.body)).body).toEqual(refused);
    await own.askKey({ ...request.body, connectionId: '0'.repeat(32) });
    expect((await own.post('/config', request.body)).body).toEqual(refused);
    expect((await own.post('/authz', request.body)).body).toMatchObject({ success: false });
    await own.askKey(request.body);
    expect((await own.post('/authz', request.body)).body).toMatchObject({ success: true });
    expect(strictConfig.parse((await own.post('/config', request.body)).body).config.backend).toBe('docker');
    await own.post('/cleanup', { connectionId: request.body.connectionId });
    expect((await own.post('/config', request.body)).body).toEqual(refused);
  });

  test('of a name that means somebody else than before is refused; who is behind it is asked at the login, not for a key', async () => {
    const confirmed: unknown[] = [];
    const error = new FactoryError('IDENTITY_CHANGED', 'alice is not who she was.');
    await using own = await serveWebhooks({
      confirm: async (...asked) => {
        confirmed.push(asked.slice(0, 1));
        return { kind: 'refused', error };
      },
    });
    expect((await own.askKey(request.body)).body).toMatchObject({ success: true });
    expect(confirmed).toEqual([]);
    expect((await own.post('/config', request.body)).body).toEqual(refused);
    expect([confirmed, own.sessions.opened]).toEqual([[['alice']], []]);
    expect(own.audits().at(-1)).toMatchObject({ result: 'refused', reason: 'alice is not who she was.' });
  });

  test('is of somebody whose keys are all theirs: which of them was signed with, nobody says', async () => {
    const carols = String(captured('pubkey-rsa-success').request.body.publicKey);
    const asked: string[] = [];
    await using own = await serveWebhooks({
      confirm: async (user, _known, { key }) => {
        asked.push(user);
        const isNew = carols.includes(key.blob.toString('base64'));
        return isNew
          ? { kind: 'refused', error: new FactoryError('IDENTITY_CHANGED', 'alice is not who she was.') }
          : { kind: 'confirmed' };
      },
    });
    const { connectionId, remoteAddress, username } = request.body;
    const connection = { connectionId, remoteAddress, username };
    const ofNext = { ...captured('pubkey-rsa-success').request.body, ...connection };
    expect((await own.post('/pubkey', ofNext)).body).toMatchObject({ success: true });
    await own.askKey({ ...connection, username: 'bob' });
    await own.askKey(connection);
    expect((await own.post('/config', request.body)).body).toEqual(refused);
    expect(asked).toEqual(['alice']);
    await own.post('/cleanup', { connectionId });
    await own.askKey(connection);
    expect((await own.post('/config', request.body)).body).toMatchObject({ config: { backend: 'docker' } });
  });

  test('whose source answers later loses its lease when that says no', async () => {
    const later = Promise.withResolvers<FactoryError | undefined>();
    await using own = await serveWebhooks({
      confirm: async () => ({ kind: 'later', refusal: later.promise }),
    });
    await own.askKey(request.body);
    expect((await own.post('/config', request.body)).body).toMatchObject({ config: { backend: 'docker' } });
    expect(own.sessions.closed).toEqual([]);
    later.resolve(new FactoryError('IDENTITY_CHANGED', 'alice is not who she was.'));
    await expect.poll(() => own.sessions.closed).toEqual([request.body.connectionId]);
  });
});

describe('what takes its time', () => {
  const { request } = captured('config-connection-mode');
  const limits = { answer: 150 };

  test('is answered 503 in time, goes on, and is joined by the next call', async () => {
    const sessions = new MemorySessions('waking');
    await using slow = await serveWebhooks({ sessions, limits });
    await slow.askKey(request.body);
    const first = await slow.post('/config', request.body);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '10']);
    sessions.ready();
    const second = await slow.post('/config', request.body);
    expect(strictConfig.parse(second.body).config.backend).toBe('docker');
    expect(sessions.opened.map(({ id }) => id)).toEqual([
      request.body.connectionId,
      request.body.connectionId,
    ]);
    // The lease is kept: the connection is not over.
    expect(sessions.closed).toEqual([]);
  });

  test('a failure that may pass is 503 and keeps the lease; one that will not is a refusal and lets it go', async () => {
    await using failing = await serveWebhooks();
    await failing.askKey(request.body);
    failing.sessions.failure = new FactoryError('DOCKER_UNAVAILABLE', 'Docker is away.');
    expect((await failing.post('/config', request.body)).status).toBe(503);
    expect(failing.sessions.closed).toEqual([]);
    failing.sessions.failure = new FactoryError('HOOK_FAILED', 'The course does not know you.');
    const { status, body } = await failing.post('/config', request.body);
    expect([status, body]).toEqual([200, expect.objectContaining({ config: { backend: 'refused' } })]);
    expect(failing.sessions.closed).toEqual([request.body.connectionId]);
    expect(failing.audits().slice(1)).toMatchObject([
      { what: 'login', result: 'later', reason: 'Docker is away.' },
      {
        what: 'login',
        result: 'refused',
        reason: 'The course does not know you.',
        errorId: expect.any(String),
      },
    ]);
  });

  test('a source of keys that is slow is asked again; one that is down is a no', async () => {
    const asked = captured('pubkey-success');
    await using slow = await serveWebhooks({
      limits,
      lookup: async (_user, signal) => {
        signal.throwIfAborted();
        await once(signal, 'abort');
        throw signal.reason;
      },
    });
    expect((await slow.post('/pubkey', asked.request.body)).status).toBe(503);
    await using down = await serveWebhooks({
      lookup: async () => ({ kind: 'unavailable', source: 'x', errorId: '1' }),
    });
    const { status, body } = await down.post('/pubkey', asked.request.body);
    expect([status, body]).toEqual([200, expect.objectContaining({ success: false })]);
  });

  test('at the stop calls under way are ended', async () => {
    const sessions = new MemorySessions('waking');
    await using stopping = await serveWebhooks({ sessions, limits: { answer: 60_000 } });
    await stopping.askKey(request.body);
    const call = stopping.post('/config', request.body).then(
      ({ status }) => status,
      () => 'cut',
    );
    await expect.poll(() => sessions.opened.length).toBe(1);
    await stopping.server.close();
    expect([503, 'cut']).toContain(await call);
  });
});

test('/cleanup ends a session, by the id alone or with more', async () => {
  const { connectionId } = captured('authz-success').request.body;
  const answers = [
    await webhooks.post('/cleanup', { connectionId }),
    await webhooks.post('/cleanup', captured('authz-success').request.body),
  ];
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [200, {}],
    [200, {}],
  ]);
  expect(webhooks.sessions.closed.slice(-2)).toEqual([connectionId, connectionId]);
});
