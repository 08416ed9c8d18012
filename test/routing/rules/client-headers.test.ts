import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgeableHeaders } from '../../../src/routing/client-headers.ts';
import { ALICE, Edge } from './edge.ts';
import { exchange, handshake, PASSED_ON, request } from './wire.ts';

const FORGED = '203.0.113.66';

/** Asks alice's app with these lines of headers; what it was asked comes back. */
const askWith = (edge: Edge, lines: readonly string[]) =>
  request(edge.traefik.ports.http, ALICE, 'GET / HTTP/1.1', lines.map((line) => `${line}\r\n`).join(''));

describe('by default', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await Edge.start();
  }, 180_000);
  afterAll(() => edge?.[Symbol.asyncDispose]());

  test('what a client says of itself is replaced or taken away, and all else passes', async () => {
    const managed = ['For', 'Host', 'Method', 'Port', 'Prefix', 'Proto', 'Server', 'Uri'].map(
      (name) => `X-Forwarded-${name}`,
    );
    const names = [...managed, 'X-Real-Ip', ...forgeableHeaders()];
    const forged = names.flatMap((name) => [`${name}: ${FORGED}`, `${name.toLowerCase()}: ${FORGED}`]);
    const answer = await askWith(edge, [...forged, `X-Forwarding: ${FORGED}`]);
    expect(answer.split('\n').filter((line) => line.includes(FORGED))).toEqual([`X-Forwarding: ${FORGED}\r`]);
    for (const line of [
      'X-Forwarded-For: 127.0.0.1',
      'X-Real-Ip: 127.0.0.1',
      'X-Forwarded-Proto: http',
      `X-Forwarded-Host: ${ALICE}`,
      'X-Forwarded-Port: 80',
    ])
      expect.soft(answer).toContain(`${line}\r\n`);
  });

  test.each([
    'X-Forwarded-For',
    'x-forwarded-for',
    'X-FORWARDED-FOR',
    'x-forwarded-proto',
    'x-forwarded-host',
  ])('one that has %s taken away by Connection does not have the address', async (name) => {
    const answer = await exchange(
      edge.traefik.ports.http,
      `GET / HTTP/1.1\r\nHost: ${ALICE}\r\nConnection: close, ${name}\r\n${name}: ${FORGED}\r\n\r\n`,
    );
    expect(answer).not.toContain(FORGED);
    expect(answer).toContain('X-Forwarded-For: 127.0.0.1\r\n');
    expect(answer).toContain('X-Real-Ip: 127.0.0.1\r\n');
  });

  test.each(['x-real-ip', 'X-REAL-IP', 'upgrade, x-Real-ip'])(
    'one that has %s taken away gets nowhere',
    async (name) => {
      const answer = await exchange(
        edge.traefik.ports.http,
        `GET / HTTP/1.1\r\nHost: ${ALICE}\r\nConnection: close, ${name}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer).not.toContain('Hostname: ');
    },
  );

  test('the PROXY protocol is no request', async () => {
    const answer = await exchange(
      edge.traefik.ports.http,
      `${proxyLine()}GET / HTTP/1.1\r\nHost: ${ALICE}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('from a proxy that is trusted', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await Edge.start({ trustedProxies: ['127.0.0.0/8', '2001:db8::/32'] });
  }, 180_000);
  afterAll(() => edge?.[Symbol.asyncDispose]());

  test('X-Forwarded-* is believed, and further names of that kind are not', async () => {
    const answer = await askWith(edge, [
      `X-Forwarded-For: ${FORGED}`,
      `X-Real-Ip: ${FORGED}`,
      'X-Forwarded-Proto: https',
      'X_Forwarded_For: 192.0.2.1',
      'Forwarded: for=192.0.2.1',
    ]);
    expect(answer).toContain(`X-Forwarded-For: ${FORGED}, 127.0.0.1\r\n`);
    expect(answer).toContain(`X-Real-Ip: ${FORGED}\r\n`);
    expect(answer).toContain('X-Forwarded-Proto: https\r\n');
    expect(answer).not.toContain('192.0.2.1');
  });

  test('the PROXY protocol says who the client is, who can say no more of itself then', async () => {
    const answer = await exchange(
      edge.traefik.ports.http,
      `${proxyLine()}GET / HTTP/1.1\r\nHost: ${ALICE}\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n`,
    );
    expect(answer).toContain(`X-Forwarded-For: ${FORGED}\r\n`);
    expect(answer).toContain(`X-Real-Ip: ${FORGED}\r\n`);
    expect(answer).not.toContain('192.0.2.1');
  });

  test('TLS passes behind the PROXY protocol as without it', async () => {
    const { https } = edge.traefik.ports;
    expect(await handshake(https, ALICE)).toBe(PASSED_ON);
    expect(await handshake(https, ALICE, [], proxyLine())).toBe(PASSED_ON);
  });
});

/** Version 1; https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt. */
function proxyLine(): string {
  return `PROXY TCP4 ${FORGED} 127.0.0.1 40000 80\r\n`;
}
