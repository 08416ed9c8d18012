import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PUBLIC_AUTHORITY } from '../../acme/testing/public-authority.ts';
import { type AcmeServer, directoryAnswer, startAcmeServer } from '../testing/acme-server.ts';
import { visitDirectory } from './directory-visit.ts';

let server: AcmeServer;
beforeAll(async () => {
  server = await startAcmeServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function visit(answer: RequestListener, stop = new AbortController().signal) {
  server.answer = answer;
  const { directory, root } = server;
  return await visitDirectory({ ...PUBLIC_AUTHORITY, directory, root }, stop);
}

test('a directory, what it is called in CAA records, and its clock', async () => {
  const seen = await visit(directoryAnswer({}, new Date(Date.now() + 3_600_000)));
  expect(seen).toMatchObject({
    kind: 'directory',
    directory: { meta: { caaIdentities: ['ca.example.org'], externalAccountRequired: false } },
  });
  const offset = 'clockOffset' in seen ? seen.clockOffset : undefined;
  expect(Math.abs((offset ?? 0) - 3_600_000)).toBeLessThan(5_000);
});

test('one that says nothing of itself is a directory', async () => {
  expect(await visit(directoryAnswer({ meta: undefined }))).toMatchObject({
    directory: { meta: { caaIdentities: [] } },
  });
});

test.each<[string, RequestListener, object]>([
  [
    'a web page',
    (_, response) => response.end('<html>'),
    { kind: 'other', reason: 'its answer is no JSON object' },
  ],
  [
    'an ACME server without orders',
    directoryAnswer({ newOrder: undefined }),
    { reason: 'it has no newOrder' },
  ],
  ['another path', (_, response) => response.writeHead(404).end(), { kind: 'other', reason: 'status 404' }],
  ['a hang-up', (request) => request.socket.destroy(), { kind: 'failed' }],
  ['an answer without end', (_, response) => response.end(Buffer.alloc(10_000_000)), { kind: 'failed' }],
])('%s', async (_, answer, expected) => {
  expect(await visit(answer)).toMatchObject(expected);
});

test('without its root it is not trusted', async () => {
  server.answer = directoryAnswer();
  const { directory } = server;
  const config = { ...PUBLIC_AUTHORITY, directory };
  expect(await visitDirectory(config, new AbortController().signal)).toEqual({
    kind: 'untrusted',
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  expect(await visitDirectory({ ...config, root: server.root }, new AbortController().signal)).toMatchObject({
    kind: 'directory',
  });
});

test('it ends when told so', async () => {
  const stop = new AbortController();
  const stopping = visit(() => stop.abort(), stop.signal);
  await once(stop.signal, 'abort');
  expect(await stopping).toMatchObject({ kind: 'failed' });
});

test('a name that is none of a CAA record is left out', async () => {
  const caaIdentities = ['CA.example.org', 'x" ; evil', '\u001b[31m', ''];
  expect(await visit(directoryAnswer({ meta: { caaIdentities } }))).toMatchObject({
    directory: { meta: { caaIdentities: ['ca.example.org'] } },
  });
});
