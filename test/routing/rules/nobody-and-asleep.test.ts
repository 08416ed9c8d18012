import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE, BOB, Edge, OWN_HOST } from './edge.ts';
import { AT_ONCE, exchange, handshake, PASSED_ON, request, UNRECOGNIZED_NAME, withoutDate } from './wire.ts';

let edge: Edge;
let port: number;
beforeAll(async () => {
  edge = await Edge.start();
  port = edge.traefik.ports.http;
}, 180_000);
afterAll(() => edge?.[Symbol.asyncDispose]());

describe("a name that is nobody's", () => {
  // carol is a user without a workspace; to the routes she is as much as anybody.
  const hosts = ['carol', 'xalice', 'alice-x', 'nobody'].map((name) => `${name}.${OWN_HOST}`);
  const strange = ['example.org', 'localhost', '127.0.0.1', '[::1]', 'a%zz', '..', `${ALICE}.example.org`];

  test('has one page, whatever the name and the path', async () => {
    const first = await request(port, hosts[0] ?? '');
    expect(first).toMatch(/^HTTP\/1\.1 404 /);
    expect(first).toContain('There is nothing here');
    for (const host of [...hosts, ...strange, ''])
      for (const path of ['/', '/asleep', '/.well-known/acme-challenge/x', '/a/%2e%2e/b?c'])
        expect
          .soft(withoutDate(await request(port, host, `GET ${path} HTTP/1.1`)), `${host} ${path}`)
          .toBe(withoutDate(first));
  });

  test('has it for every method, and without a host', async () => {
    const first = withoutDate(await request(port, hosts[0] ?? ''));
    for (const method of ['POST', 'DELETE', 'OPTIONS', 'PROPFIND', 'CONNECT', 'TRACE'])
      expect.soft(withoutDate(await request(port, 'nobody', `${method} / HTTP/1.1`)), method).toBe(first);
    const [head] = first.split('\r\n\r\n');
    expect(withoutDate(await request(port, 'nobody', 'HEAD / HTTP/1.1'))).toBe(`${head}\r\n\r\n`);
    const old = withoutDate(await exchange(port, 'GET / HTTP/1.0\r\n\r\n'));
    expect(old.replace('HTTP/1.0', 'HTTP/1.1').replace(/^Connection: close\r\n/im, '')).toBe(
      first.replace(/^Connection: close\r\n/im, ''),
    );
  });

  test('is refused over TLS', async () => {
    for (const { name, to } of [
      { name: ALICE, to: PASSED_ON },
      { name: `xalice.${OWN_HOST}`, to: UNRECOGNIZED_NAME },
      { name: OWN_HOST, to: UNRECOGNIZED_NAME },
      { name: '', to: UNRECOGNIZED_NAME },
    ])
      expect.soft(await handshake(edge.traefik.ports.https, name), name).toBe(to);
  });
});

describe('a workspace that sleeps', () => {
  test.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'CONNECT'])(
    'answers %s',
    async (method) => {
      const answer = await request(port, `shop.${BOB}`, `${method} /deep/link HTTP/1.1`);
      expect(answer).toContain(`shop.${BOB} is asleep`);
      expectAsleep(answer);
    },
  );

  test('answers HEAD as GET, without a body', async () => {
    const whole = withoutDate(await request(port, BOB));
    const [head] = whole.split('\r\n\r\n');
    expect(withoutDate(await request(port, BOB, 'HEAD / HTTP/1.1'))).toBe(`${head}\r\n\r\n`);
  });

  test('answers an upload that has hardly begun, and one that waits to be asked for', async () => {
    const gigabyte = 'Content-Length: 1000000000\r\n';
    for (const head of [gigabyte, `${gigabyte}Expect: 100-continue\r\n`]) {
      const answer = await request(port, BOB, 'POST /upload HTTP/1.1', head);
      expect(answer).not.toContain('100 Continue');
      expectAsleep(answer);
    }
  });

  test('answers a large upload', async () => {
    const body = 'x'.repeat(3_000_000);
    const head = `Content-Length: ${body.length}\r\n`;
    expectAsleep(await exchange(port, `PUT / HTTP/1.1\r\nHost: ${BOB}\r\n${head}\r\n${body}`));
  });

  test('answers an upload of unknown length that goes on and on', async () => {
    // Go's server looks at 256 KiB of those, in the hope that they end.
    const chunk = 'x'.repeat(300_000);
    const head = `PUT / HTTP/1.1\r\nHost: ${BOB}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expectAsleep(await exchange(port, `${head}${chunk.length.toString(16)}\r\n${chunk}\r\n`));
  });

  test('answers one that wants a WebSocket', async () => {
    const head = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    const answer = await exchange(
      port,
      `GET /ws HTTP/1.1\r\nHost: ${BOB}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n${head}\r\n`,
    );
    expectAsleep(answer);
  });

  test('answers HTTP/2', async () => {
    const client = connect(`http://127.0.0.1:${port}`);
    const stream = client.request({ ':method': 'POST', ':path': '/', ':authority': BOB });
    stream.setTimeout(AT_ONCE, () => stream.close());
    const [headers] = await once(stream, 'response');
    expect(headers).toMatchObject({ ':status': 503, 'retry-after': '30', 'cache-control': 'no-store' });
    client.destroy();
  });

  test('is refused over TLS', async () => {
    for (const name of [BOB, `shop.${BOB}`]) {
      expect.soft(await handshake(edge.traefik.ports.https, name)).toBe(UNRECOGNIZED_NAME);
      expect.soft(await handshake(edge.traefik.ports.kube, name)).toBe(UNRECOGNIZED_NAME);
    }
  });
});

test('while the factory is restarted the answers are the same, without their pages', async () => {
  await edge.withoutWeb(async () => {
    expectAsleep(await request(port, BOB));
    expect(await request(port, 'nobody')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await request(port, ALICE)).toContain('Hostname: ');
  });
  expect(await request(port, BOB)).toContain('is asleep');
});

function expectAsleep(answer: string): void {
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toMatch(/^retry-after: 30\r$/im);
  expect(answer).toMatch(/^cache-control: no-store\r$/im);
}
