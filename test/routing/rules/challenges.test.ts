import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../e2e/harness/eventually.ts';
import { startAnotherTraefik } from './another-traefik.ts';
import { ALICE, BOB, Edge, OWN_HOST } from './edge.ts';
import { handshake, PASSED_ON, request, UNRECOGNIZED_NAME } from './wire.ts';

/** RFC 8737 §6.2 */
const ACME_TLS = ['acme-tls/1'];

let edge: Edge;
beforeAll(async () => {
  edge = await Edge.start();
  await edge.publish({ host: OWN_HOST, tls: { kind: 'acme' } });
}, 180_000);
afterAll(() => edge?.[Symbol.asyncDispose]());

test('Traefik has a resolver of its own, and keeps what it gets in the data folder', async () => {
  expect(await readdir(edge.acmeFolder)).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.json$/)]);
  expect(await request(edge.traefik.ports.http, OWN_HOST)).toMatch(/^HTTP\/1\.1 302 /);
});

test("a challenge for a student's host is the student's, by HTTP-01 and by TLS-ALPN-01", async () => {
  const { http, https } = edge.traefik.ports;
  for (const host of [ALICE, `shop.${ALICE}`]) {
    const answer = await request(http, host, 'GET /.well-known/acme-challenge/x HTTP/1.1');
    expect(answer).toContain('GET /.well-known/acme-challenge/x');
    expect(await handshake(https, host, ACME_TLS)).toBe(PASSED_ON);
  }
  // Whom nobody asked about has none.
  for (const host of [BOB, OWN_HOST, 'nobody'])
    expect.soft(await handshake(https, host, ACME_TLS), host).toBe(UNRECOGNIZED_NAME);
});

test('so is one by HTTP-01 where Traefik has a resolver for that, too', { timeout: 180_000 }, async () => {
  const resolver = '--certificatesresolvers.other.acme';
  await using another = await startAnotherTraefik(edge, [
    `${resolver}.httpchallenge.entrypoint=web`,
    `${resolver}.storage=/etc/ssh-lab-factory/acme/other.json`,
  ]);
  const ask = (host: string) => request(another.http, host, 'GET /.well-known/acme-challenge/x HTTP/1.1');
  const page = (answer: string) => answer.includes('There is nothing here');
  await eventually(async () => page(await request(another.http, 'nobody')), {
    what: "the file's routers",
    within: 60_000,
  });
  // The resolver's own answer shows that it is there.
  await eventually(async () => !page(await ask('nobody')), { what: "the resolver's router", within: 60_000 });
  for (const host of [ALICE, `shop.${ALICE}`])
    expect.soft(await ask(host), host).toContain('GET /.well-known/acme-challenge/x');
});
