import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../../src/logging/logger.ts';
import { OwnCertificate } from '../../../src/routing/own-certificate.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { makeCertificate } from '../../e2e/harness/certificate.ts';
import { eventually } from '../../e2e/harness/eventually.ts';
import { ALICE, asAnotherUsers, BOB, Edge, OWN_HOST } from './edge.ts';
import { AT_ONCE, handshake, PASSED_ON, request, UNRECOGNIZED_NAME } from './wire.ts';

let edge: Edge;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-name-'));
  edge = await Edge.start();
}, 180_000);
afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('without a certificate it is on HTTP, pages for other names not among it', async () => {
  const { http, https } = edge.traefik.ports;
  expect(await request(http, OWN_HOST)).toContain(`ssh -p 2222 &lt;user&gt;@${OWN_HOST}`);
  expect(await request(http, `${OWN_HOST.toUpperCase()}:8000`, 'GET /healthz HTTP/1.1')).toContain('"ok"');
  expect(await request(http, OWN_HOST, 'GET /api/v1/clusters HTTP/1.1')).toMatch(/^HTTP\/1\.1 503 /);
  for (const path of ['/asleep', '/%61sleep', '//asleep', '/x/../asleep', '/asleep?x', '/unknown'])
    expect
      .soft(await request(http, OWN_HOST, `GET ${path} HTTP/1.1`), path)
      .toContain('There is nothing here');
  expect(await handshake(https, OWN_HOST)).toBe(UNRECOGNIZED_NAME);
});

test('with files it is on HTTPS, and its certificate is for no other name', async () => {
  const { pem } = await placed([OWN_HOST]);
  await using certificate = await follow();
  const { http, https } = edge.traefik.ports;
  expect(await overHttps('/healthz', pem)).toEqual({ status: 200, body: '{"status":"ok"}' });
  const there = `https://${OWN_HOST}:${https}/a?b=c`;
  expect(await request(http, OWN_HOST, 'GET /a?b=c HTTP/1.1')).toContain(`Location: ${there}\r\n`);
  const challenge = await request(http, OWN_HOST, 'GET /.well-known/acme-challenge/x HTTP/1.1');
  expect(challenge).toMatch(/^HTTP\/1\.1 404 /);
  expect(await handshake(https, ALICE)).toBe(PASSED_ON);
  for (const name of [BOB, `x.${OWN_HOST}`, 'localhost', ''])
    expect.soft(await handshake(https, name), name).toBe(UNRECOGNIZED_NAME);
  // Inside of TLS with its own name nobody else's is to be had.
  for (const host of [ALICE, BOB, 'nobody'])
    expect.soft(await overHttps('/', pem, host), host).toMatchObject({ status: 421 });

  const key = await readFile(join(folder, 'tls.key'), 'utf8');
  expect(await readFile(join(edge.folder, 'routes', 'routes.yml'), 'utf8')).not.toContain(key.split('\n')[1]);
  expect(certificate.placed.isWider).toBe(false);
});

test('files that are renewed are taken over, and half of them is not', async () => {
  await placed([OWN_HOST]);
  await using certificate = await follow();
  const before = await handshake(edge.traefik.ports.https, OWN_HOST);
  const held = certificate.placed;
  const renewed = await placed([OWN_HOST], 'next');
  await rename(join(folder, 'next', 'tls.crt'), join(folder, 'tls.crt'));
  const { looks } = certificate;
  const seen = looks();
  await eventually(() => looks() > seen + 2, { what: 'looks', within: AT_ONCE, every: 10 });
  expect([certificate.placed, await handshake(edge.traefik.ports.https, OWN_HOST)]).toEqual([held, before]);

  await rename(join(folder, 'next', 'tls.key'), join(folder, 'tls.key'));
  const shown = await eventually(
    async () => {
      const now = await handshake(edge.traefik.ports.https, OWN_HOST);
      return now !== before && now;
    },
    { what: 'the renewed certificate', within: AT_ONCE },
  );
  expect(shown).toMatch(/^[0-9A-F:]{95}$/);
  expect(await overHttps('/healthz', renewed.pem)).toMatchObject({ status: 200 });
  await eventually(async () => (await readdir(edge.certificateFolder)).length === 2, {
    what: 'the files of before are gone',
    within: AT_ONCE,
  });
});

test('a certificate for all names below the domain is shown for the own name alone', async () => {
  const { pem } = await placed([OWN_HOST, `*.${OWN_HOST}`]);
  await using certificate = await follow();
  expect(certificate.placed.isWider).toBe(true);
  expect(await overHttps('/healthz', pem)).toMatchObject({ status: 200 });
  for (const port of [edge.traefik.ports.https, edge.traefik.ports.kube])
    for (const name of [BOB, `nobody.${OWN_HOST}`])
      expect.soft(await handshake(port, name), name).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  expect(await handshake(edge.traefik.ports.https, ALICE)).toBe(PASSED_ON);
});

/** A certificate that signs itself, in `folder` or below it. */
async function placed(hosts: readonly string[], below = '.') {
  const into = join(folder, below);
  await mkdir(into, { recursive: true });
  return makeCertificate(into, hosts);
}

/** The certificate in `folder` is that of the own name, and followed. */
async function follow() {
  let looks = 0;
  const options = {
    files: { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') },
    host: OWN_HOST,
    folder: edge.certificateFolder,
    clock: {
      now: systemClock.now,
      schedule: (delay: number, callback: () => void) => {
        looks++;
        return systemClock.schedule(delay, callback);
      },
    },
    logger: createLogger('silent'),
    lookEvery: 50,
  };
  const certificate = await OwnCertificate.open(options, AbortSignal.timeout(60_000));
  const publish = () => edge.publish({ host: OWN_HOST, tls: { kind: 'files', ...certificate.placed } });
  await asAnotherUsers(edge.certificateFolder);
  await publish();
  certificate.follow(publish);
  return Object.assign(certificate, { looks: () => looks });
}

async function overHttps(
  path: string,
  ca: string,
  host = OWN_HOST,
): Promise<{ status: number; body: string }> {
  return await new Promise((resolve, reject) => {
    httpsRequest({
      ...{ host: '127.0.0.1', port: edge.traefik.ports.https, path, ca, timeout: AT_ONCE },
      servername: OWN_HOST,
      headers: { host },
      agent: false,
    })
      .on('response', (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      })
      .on('error', reject)
      .end();
  });
}
