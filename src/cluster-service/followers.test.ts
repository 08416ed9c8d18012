import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { key } from '../workspaces/testing/harness.ts';
import { CLIENT_LIMITS, ClusterClient } from './cluster-client.ts';
import { MOST_FOLLOWERS } from './cluster-server.ts';
import { MemoryHost } from './testing/memory-host.ts';
import { ServicePair } from './testing/service-pair.ts';

let memory: MemoryHost;
let pair: ServicePair;
let client: ClusterClient;
/** The engine is opened with the first question, and that takes its time. */
let opening: PromiseWithResolvers<void>;
/** How many wait, or have waited, for that. */
let asked: number;

beforeEach(async () => {
  memory = new MemoryHost();
  opening = Promise.withResolvers();
  asked = 0;
  const opened = () => {
    asked += 1;
    return opening.promise;
  };
  pair = await ServicePair.start({ host: memory.host, opened });
  // Nothing is heard before the engine is open.
  client = new ClusterClient({ ...pair.clientOptions(), limits: { ...CLIENT_LIMITS, silence: 60_000 } });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await pair[Symbol.asyncDispose]();
  await memory[Symbol.asyncDispose]();
});

/** One who wants to be told what happens. */
class Follower {
  readonly told: string[] = [];
  readonly #leaving = new AbortController();
  readonly ended: Promise<unknown>;

  constructor() {
    this.ended = this.#listen().catch((error: unknown) => error);
  }

  leave(): void {
    this.#leaving.abort();
  }

  async #listen(): Promise<void> {
    for await (const { kind } of client.events(this.#leaving.signal)) this.told.push(kind);
  }
}

const many = (count: number) => Array.from({ length: count }, () => new Follower());

test('no more follow than may, also while the engine is being opened for all of them', async () => {
  const followers = many(MOST_FOLLOWERS + 4);
  const refused: unknown[] = [];
  for (const { ended } of followers) void ended.then((error) => refused.push(error));
  await expect.poll(() => refused).toHaveLength(4);
  for (const error of refused) expect(error).toMatchObject({ code: 'REQUEST_INVALID' });
  opening.resolve();
  await expect.poll(() => memory.watchers.size).toBe(MOST_FOLLOWERS);
  const connected = () => followers.filter(({ told }) => told.length > 0);
  await expect.poll(connected).toHaveLength(MOST_FOLLOWERS);
  connected()[0]?.leave();
  await expect.poll(() => memory.watchers.size).toBe(MOST_FOLLOWERS - 1);
  const [next] = many(1);
  await expect.poll(() => next?.told).toEqual(['connected']);
  for (const watcher of memory.watchers) watcher.onChange(key);
  await expect.poll(() => next?.told).toEqual(['connected', 'changed']);
});

test('who hangs up before the engine is open takes no place', async () => {
  const impatient = many(MOST_FOLLOWERS);
  await expect.poll(() => asked).toBe(MOST_FOLLOWERS);
  for (const each of impatient) each.leave();
  await Promise.all(impatient.map(({ ended }) => ended));
  await expect.poll(() => pair.connections).toBe(0);
  // The service hears of it a moment later.
  await delay(100);
  opening.resolve();
  await expect.poll(() => memory.watchers.size).toBe(0);
  await expectRoomForAll();
});

test('nor does who is told that it cannot be opened', async () => {
  const failed = many(MOST_FOLLOWERS);
  await expect.poll(() => asked).toBe(MOST_FOLLOWERS);
  opening.reject(new FactoryError('DOCKER_UNAVAILABLE', 'no engine'));
  for (const { ended } of failed) expect(await ended).toMatchObject({ code: 'DOCKER_UNAVAILABLE' });
  opening = Promise.withResolvers();
  opening.resolve();
  await expectRoomForAll();
});

/** The service may learn a moment later who has left. */
async function expectRoomForAll(): Promise<void> {
  const followers: Follower[] = [];
  await expect
    .poll(async () => {
      const [another] = many(1);
      if (another === undefined) return 0;
      await Promise.race([another.ended, expect.poll(() => another.told).toEqual(['connected'])]);
      if (another.told.length > 0) followers.push(another);
      return followers.length;
    })
    .toBe(MOST_FOLLOWERS);
  expect(memory.watchers.size).toBe(MOST_FOLLOWERS);
}
