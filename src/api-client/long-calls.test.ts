import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ASKED } from '../api/testing/access-matrix.ts';
import { goodToken } from '../api/testing/caller-tokens.ts';
import { type ServedApi, serveApi } from '../api/testing/served-api.ts';
import { type ClusterApiClient, createClusterApiClient } from './cluster-api-client.ts';
import { type OpenTransport, openTransport } from './transport.ts';

/*
 * HTTP clients give up after five minutes by themselves (undici's `headersTimeout` and `bodyTimeout`). The timers of both sides are the test's here,
 * so that half an hour goes by in a moment. It is one test: undici has one clock for all its calls, and that would stand still in a second one.
 */

const STEP = 5_000;
const HALF_AN_HOUR = 1_800_000;

let served: ServedApi;
let transport: OpenTransport;
let client: ClusterApiClient;
let release: () => void;

beforeEach(async () => {
  served = await serveApi();
  const held = Promise.withResolvers<void>();
  served.clusters.before = () => held.promise;
  release = held.resolve;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  transport = openTransport();
  const token = () => goodToken({ role: 'student', key: ASKED }, served.mint);
  client = createClusterApiClient({ baseUrl: served.url, send: transport.send, token });
});
afterEach(async () => {
  vi.useRealTimers();
  await transport[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});

/** What is sent meanwhile arrives. */
async function halfAnHour(): Promise<void> {
  for (let gone = 0; gone < HALF_AN_HOUR; gone += STEP) {
    await vi.advanceTimersByTimeAsync(STEP);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  }
}

test('an answer, and the events of another call, may take as long as their callers wait', async () => {
  const { signal } = new AbortController();
  const wait = 3_600_000;
  const over: string[] = [];
  const answer = client.reset(ASKED, { wait }, signal).finally(() => over.push('answer'));
  const events = client.ensure(ASKED, { wait }, signal).finally(() => over.push('events'));
  const both = Promise.allSettled([answer, events]);
  while (served.clusters.given.length < 2) await new Promise(setImmediate);
  await halfAnHour();
  expect(over).toEqual([]);
  release();
  const running = { status: 'fulfilled', value: { state: 'running' } };
  expect(await both).toMatchObject([running, running]);
});
