import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatewayAuthorization } from '../cluster-service/authentication.ts';
import { startClusterServer } from '../cluster-service/cluster-server.ts';
import { MemoryHost } from '../cluster-service/testing/memory-host.ts';
import { startControlServer } from '../control/control-server.ts';
import { IDLE_TARGET } from '../control/testing/idle-target.ts';
import { createLabCatalogue } from '../labs/lab-catalogue.ts';
import { plainLabs } from '../labs/testing/plain-labs.ts';
import { systemClock } from '../time/clock.ts';
import { ISSUER, oneKey } from '../tokens/testing/some-tokens.ts';
import { createTokenIssuer } from '../tokens/token-issuer.ts';
import { createTokenVerifier } from '../tokens/token-verifier.ts';
import { lab } from '../workspaces/testing/harness.ts';
import type { RequestTimes } from './request-times.ts';

/** Far more than any of the times of these servers, ms. */
const LIMIT = 20_000;
const QUICK: RequestTimes = { headers: 300, request: 600, idle: 300, lookEvery: 50 };
const logger = pino({ level: 'silent' });

let stack: AsyncDisposableStack;
let folder: string;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'request-times-'));
  stack.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => stack.disposeAsync());

interface Served {
  readonly path: string;
  /** The head of a request whose body is there when `length` bytes of it are. */
  readonly head: (length: number) => string;
  /** Of a request whose answer does not end. */
  readonly endless: string;
}

async function control(): Promise<Served> {
  const path = join(folder, 'control.sock');
  const target = {
    ...IDLE_TARGET,
    // biome-ignore lint/correctness/useYield: it never has anything to tell.
    events: async function* (_request: unknown, signal: AbortSignal) {
      await once(signal, 'abort');
    },
  };
  const server = await startControlServer({ path, target, logger, times: QUICK });
  stack.defer(() => server.close());
  return {
    path,
    head: (length) => headOf('POST /tokens', [`content-length: ${length}`, 'content-type: application/json']),
    endless: headOf('GET /events?follow=true', []),
  };
}

async function clusterService(): Promise<Served> {
  const path = join(folder, 'service.sock');
  const keys = await oneKey(systemClock);
  const issuer = createTokenIssuer({ issuer: ISSUER, keys, clock: systemClock });
  const memory = stack.use(new MemoryHost());
  const server = await startClusterServer({
    version: '0',
    labs: plainLabs(createLabCatalogue([lab])),
    host: async () => memory.host,
    listen: { kind: 'socket', path },
    verifier: createTokenVerifier({ issuer: ISSUER, keys, clock: systemClock }),
    logger,
    times: QUICK,
    keepAliveEvery: 50,
  });
  stack.defer(() => server.close());
  const authorization = `authorization: ${await gatewayAuthorization(issuer, 'gateway')()}`;
  const post = (length: number) => [
    authorization,
    `content-length: ${length}`,
    'content-type: application/json',
  ];
  return {
    path,
    head: (length) =>
      headOf('POST /v1/operations/clusters.observe', [...post(length), 'idempotency-key: 12345678']),
    endless: headOf('GET /v1/events', [authorization]),
  };
}

function headOf(line: string, headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, 'host: factory', ...headers].join('\r\n')}\r\n\r\n`;
}

async function connect(path: string) {
  const socket: Socket = createConnection(path);
  stack.defer(() => void socket.destroy());
  const come: Buffer[] = [];
  socket.on('data', (data: Buffer) => come.push(data));
  socket.on('error', () => {});
  await once(socket, 'connect');
  // `once` of node:events would take an error before it, as of a write that comes too late, for its failure.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, closed, answer: () => Buffer.concat(come).toString() };
}

/** On which an answer has begun that does not end. */
async function endless(served: Served): Promise<Socket> {
  for (;;) {
    const { socket, closed, answer } = await connect(served.path);
    socket.write(served.endless);
    await Promise.race([new Promise((resolve) => socket.once('data', resolve)), closed]);
    if (/^HTTP\/1\.1 200 /.test(answer())) return socket;
    // On a busy machine the request may have come too late.
    expect(answer()).toMatch(/^(HTTP\/1\.1 408 |$)/);
    socket.destroy();
  }
}

/** Sends it a byte at a time until the connection is over. */
async function drip(socket: Socket, text: string): Promise<void> {
  const end = Date.now() + LIMIT;
  for (const byte of text) {
    if (socket.destroyed || socket.writableEnded || Date.now() > end) return;
    socket.write(byte);
    await delay(20);
  }
}

describe.each([
  ['the control server', control],
  ['the cluster service', clusterService],
])('%s', (_name, serve) => {
  test.each<[string, (served: Served) => { readonly atOnce: string; readonly dripping: string }]>([
    ['a body', ({ head }) => ({ atOnce: head(10_000), dripping: ' '.repeat(9_999) })],
    ['headers', () => ({ atOnce: 'GET /status HTTP/1.1\r\n', dripping: `a: ${'b'.repeat(9_999)}` })],
  ])('ends a connection on which %s comes byte by byte', async (_what, of) => {
    const served = await serve();
    const { atOnce, dripping } = of(served);
    const { socket, closed, answer } = await connect(served.path);
    socket.write(atOnce);
    const dripped = drip(socket, dripping);
    await closed;
    await dripped;
    // What was still on its way to the server when that hung up may have cost us its answer.
    expect(answer()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  test('ends one on which nothing comes', async () => {
    const { closed } = await connect((await serve()).path);
    await closed;
  });

  test('ends none on which the answer goes on', async () => {
    const socket = await endless(await serve());
    await delay(3 * QUICK.request);
    expect(socket.destroyed).toBe(false);
  });
});
