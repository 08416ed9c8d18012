import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captured } from '../testing/captures.ts';
import { AUTHORIZATION, SECRET, serveWebhooks } from '../testing/serve-webhooks.ts';
import { readSecret } from './caller-check.ts';

const { body } = captured('pubkey-success').request;
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caller-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the secret', () => {
  let webhooks: Awaited<ReturnType<typeof serveWebhooks>>;
  beforeAll(async () => {
    webhooks = await serveWebhooks();
  });
  afterAll(() => webhooks[Symbol.asyncDispose]());

  const rows: ReadonlyArray<readonly [string, string | undefined, number]> = [
    ['as the password of a URL', AUTHORIZATION, 200],
    ['with any user name, or none', basic(`:${SECRET}`), 200],
    ['as a bearer token', `Bearer ${SECRET}`, 200],
    ['in another case of the scheme', `bearer ${SECRET}`, 200],
    ['missing', undefined, 401],
    ['empty', '', 401],
    ['wrong', basic('containerssh:another-secret-of-more-than-32-characters'), 401],
    ['cut short', `Bearer ${SECRET.slice(0, -1)}`, 401],
    ['with more after it', `Bearer ${SECRET}x`, 401],
    ['in upper case', `Bearer ${SECRET.toUpperCase()}`, 401],
    ['as the user name', basic(`${SECRET}:`), 401],
    ['bare', SECRET, 401],
    ['an empty password', basic('containerssh:'), 401],
    ['no base64', 'Basic %%%', 401],
    ['endless', `Bearer ${'x'.repeat(10_000)}`, 401],
  ];
  test.each(rows)('%s', async (_, authorization, status) => {
    const answer = await webhooks.post('/pubkey', body, authorization === undefined ? {} : { authorization });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('Basic');
  });

  test('is needed for every path and method; without it nothing says what there is', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'POST']) {
      for (const path of [
        '/pubkey',
        '/password',
        '/authz',
        '/config',
        '/cleanup',
        '/',
        '/openapi.json',
        '/..%2f',
      ]) {
        const { status } = await fetch(`${webhooks.url}${path}`, { method });
        expect([method, path, status === 401 || status === 429]).toEqual([method, path, true]);
      }
    }
  });

  test('wrong ones of one address are slowed down, the right one is not', async () => {
    await using strict = await serveWebhooks({
      limits: { attempts: { perAddress: 9, perUser: 9, perStranger: 2 } },
    });
    const statuses: number[] = [];
    for (let tries = 0; tries < 4; tries++) statuses.push((await strict.post('/pubkey', body, {})).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
    expect((await strict.post('/pubkey', body)).status).toBe(200);
    // A flood of them fills no log.
    expect(strict.audits().filter(({ what }) => what === 'caller')).toHaveLength(2);
  });

  test('never reaches the log, neither the right one nor what was tried', async () => {
    await webhooks.post('/pubkey', body, { authorization: basic('x:tried-without-luck-but-it-was-close') });
    const log = webhooks.lines.join('');
    expect(log).toContain('"what":"caller"');
    for (const secret of [SECRET, 'tried-without-luck', Buffer.from(SECRET).toString('base64').slice(0, 20)])
      expect(log).not.toContain(secret);
  });
});

test('a webhook is no GET', async () => {
  await using webhooks = await serveWebhooks();
  const ask = (path: string, method: string) =>
    fetch(`${webhooks.url}${path}`, { method, headers: { authorization: AUTHORIZATION } });
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await ask('/config?x=1', method);
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'POST']);
  }
  expect((await ask('/nothing', 'GET')).status).toBe(404);
  expect((await webhooks.post('/nothing', {})).status).toBe(404);
});

describe('the secret of the configuration', () => {
  test('comes from a file or the environment, without the line end', async () => {
    const file = join(folder, 'secret');
    await writeFile(file, `${SECRET}\r\n`);
    expect(await readSecret({ kind: 'file', file })).toBe(SECRET);
    process.env.TEST_CONTAINERSSH_SECRET = SECRET;
    expect(await readSecret({ kind: 'env', name: 'TEST_CONTAINERSSH_SECRET' })).toBe(SECRET);
    delete process.env.TEST_CONTAINERSSH_SECRET;
  });

  test.each([
    ['empty', '\n'],
    ['short', 'x'.repeat(31)],
    ['two words', `${SECRET} ${SECRET}`],
    ['of letters that no header can hold', `${SECRET}ä`],
  ])('%s: the start is refused', async (_, text) => {
    const file = join(folder, 'bad');
    await writeFile(file, text);
    await expect(serveWebhooks({ config: { secret: { kind: 'file', file } } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('containerssh.secret'),
    });
  });

  test('missing: the start is refused, and so it is where nothing says who may ask', async () => {
    const missing = { kind: 'env', name: 'TEST_THERE_IS_NONE' } as const;
    await expect(serveWebhooks({ config: { secret: missing } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    await expect(serveWebhooks({ config: { secret: undefined } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

test('a port that is taken is said so', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(serveWebhooks({ config: { listen: { host: '127.0.0.1', port } } })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining('containerssh.listen'),
  });
  other.close();
});

describe('TLS', () => {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execa('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const selfSigned = (name: string, ...more: string[]) =>
    openssl(
      ...['req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`],
      ...more,
    );
  const signed = async (name: string, ca: string, ...more: string[]) => {
    await openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial'];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`, ...more);
  };
  beforeAll(async () => {
    await selfSigned('server', '-addext', 'subjectAltName=IP:127.0.0.1');
    await Promise.all(['authority', 'other-authority', 'stranger'].map((name) => selfSigned(name)));
    await signed('front', 'authority');
    await signed('impostor', 'other-authority');
    await signed('expired', 'authority', '-days', '-1');
  });

  const tls = (clientCa?: string) => ({
    cert: at('server.pem'),
    key: at('server.key'),
    clientCa: clientCa && at(clientCa),
  });

  /** The status, or the error of a connection that came to nothing. */
  async function post(port: number, client: string | undefined, headers: object = {}, more: object = {}) {
    const read = (name: string) => readFile(at(name));
    const own =
      client === undefined ? {} : { cert: await read(`${client}.pem`), key: await read(`${client}.key`) };
    const options = {
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/pubkey',
      ca: await read('server.pem'),
    };
    return await new Promise<number | string>((resolve) => {
      const call = request(
        {
          ...options,
          ...own,
          ...more,
          agent: false,
          headers: { 'content-type': 'application/json', ...headers },
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      call.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
      call.setTimeout(10_000, () => call.destroy(new Error('no answer')));
      call.end(JSON.stringify(body));
    });
  }

  test('a certificate of the authority is what lets a caller ask', async () => {
    await using webhooks = await serveWebhooks({ config: { tls: tls('authority.pem'), secret: undefined } });
    expect(await post(webhooks.port, 'front')).toBe(200);
    for (const client of [undefined, 'impostor', 'stranger', 'expired'])
      expect([client, await post(webhooks.port, client)]).toEqual([client, expect.any(String)]);
    // It was no accident of the connections before.
    expect(await post(webhooks.port, 'front')).toBe(200);
    expect(webhooks.audits().filter(({ what }) => what === 'key')).toHaveLength(2);
  });

  test('with a secret as well, both are needed', async () => {
    await using webhooks = await serveWebhooks({ config: { tls: tls('authority.pem') } });
    const authorization = AUTHORIZATION;
    expect(await post(webhooks.port, 'front', { authorization })).toBe(200);
    expect(await post(webhooks.port, 'front')).toBe(401);
    expect(await post(webhooks.port, undefined, { authorization })).toEqual(expect.any(String));
  });

  test('is 1.2 or later, and plain HTTP is none', async () => {
    await using webhooks = await serveWebhooks({ config: { tls: tls() } });
    const headers = { authorization: AUTHORIZATION };
    expect(await post(webhooks.port, undefined, headers, { maxVersion: 'TLSv1.2' })).toBe(200);
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
    expect(await post(webhooks.port, undefined, headers, old)).toEqual(expect.any(String));
    await expect(fetch(`http://127.0.0.1:${webhooks.port}/pubkey`, { method: 'POST' })).rejects.toThrow();
  });

  test.each([
    ['a missing file', { cert: 'none.pem', key: 'server.key', clientCa: undefined }],
    ["another certificate's key", { cert: 'server.pem', key: 'front.key', clientCa: undefined }],
    [
      'an authority without a certificate in it',
      { cert: 'server.pem', key: 'server.key', clientCa: 'server.key' },
    ],
  ])('%s: the start is refused', async (_, { cert, key, clientCa }) => {
    const broken = { cert: at(cert), key: at(key), clientCa: clientCa && at(clientCa) };
    await expect(serveWebhooks({ config: { tls: broken } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('containerssh.tls'),
    });
  });
});
