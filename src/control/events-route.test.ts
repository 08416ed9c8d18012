import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEventMessages, toEventMessage } from '../history/event-messages.ts';
import type { RecordedEvent } from '../history/event-schema.ts';
import { type History, openHistory } from '../history/history.ts';
import { eventAt, keyOf } from '../history/testing/some-event.ts';
import { withKeepAlive } from '../http/keep-alive.ts';
import { createLogger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';
import { type ControlClient, createControlClient } from './control-client.ts';
import { startControlServer } from './control-server.ts';
import { controlSocket } from './control-socket.ts';
import type { ControlTarget } from './control-target.ts';
import type { EventsRequest } from './events-request.ts';
import { IDLE_TARGET } from './testing/idle-target.ts';

const ALICE = keyOf('alice', 'k3s');
const BOB = keyOf('bob', 'plain');
const logger = createLogger('silent', []);
const signal = () => AbortSignal.timeout(30_000);

let folder: string;
let history: History;
/** Those that the server reads for somebody. */
let reading: Set<AbortSignal>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-'));
  history = openHistory({ data: folder, clock: systemClock, logger });
  reading = new Set();
});
afterEach(async () => {
  await history.close();
  await rm(folder, { recursive: true });
});

function start(events?: ControlTarget['events']) {
  const read: ControlTarget['events'] = async function* (asked, gone) {
    reading.add(gone);
    try {
      yield* history.read(asked, gone);
    } finally {
      reading.delete(gone);
    }
  };
  const target: ControlTarget = { ...IDLE_TARGET, events: events ?? read };
  return startControlServer({ path: controlSocket(folder), target, logger });
}

const connect = () => createControlClient(controlSocket(folder));

async function timesOf(client: ControlClient, asked: Partial<EventsRequest>): Promise<number[]> {
  const times: number[] = [];
  for await (const { at } of client.events({ follow: false, ...asked }, signal())) times.push(Date.parse(at));
  return times;
}

/** What the server answers to who speaks plain HTTP. */
async function get(path: string, headers: Record<string, string> = {}) {
  const asking = request({ socketPath: controlSocket(folder), path, headers });
  asking.end();
  const [answer] = await once(asking, 'response', { signal: signal() });
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { status: answer.statusCode, type: answer.headers['content-type'], text };
}

describe('GET /events', () => {
  test('tells what there is: of a user, of a workspace, of a time, of a kind, the last ones', async () => {
    const server = await start();
    await using client = connect();
    for (let at = 1; at <= 6; at++) history.events.emit(eventAt(at, at % 2 === 0 ? BOB : ALICE));
    history.events.emit({ at: 7, key: BOB, kind: 'deletion_ahead', deleteAt: 9 });
    expect(await timesOf(client, {})).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await timesOf(client, { user: ALICE.user })).toEqual([1, 3, 5]);
    expect(await timesOf(client, BOB)).toEqual([2, 4, 6, 7]);
    expect(await timesOf(client, { ...BOB, lab: ALICE.lab })).toEqual([]);
    expect(await timesOf(client, { since: 3, until: 6, newest: 2 })).toEqual([4, 5]);
    expect(await timesOf(client, { kind: 'deletion_ahead' })).toEqual([7]);
    await server.close();
  });

  test('is made of server-sent events, and goes on after the one that was seen last', async () => {
    const server = await start();
    for (let at = 1; at <= 3; at++) history.events.emit(eventAt(at, ALICE));
    const all = await get('/events?workspace=alice%2Fk3s');
    expect(all).toMatchObject({ status: 200, type: 'text/event-stream' });
    const messages = all.text.split('\n\n').filter((message) => message.startsWith('id: '));
    expect(messages).toHaveLength(3);
    const [, id = '', json = ''] = /^id: (\d+)\ndata: (.*)$/.exec(messages[1] ?? '') ?? [];
    expect(JSON.parse(json)).toMatchObject({ id: Number(id), user: 'alice', kind: 'step_done' });
    const rest = await get('/events?after=1', { 'last-event-id': id });
    expect(rest.text.match(/^data: .*$/gm)).toEqual([messages[2]?.split('\n')[1]]);
    await server.close();
  });

  test('follows: each event as it comes, to several readers, until they leave', async () => {
    const server = await start();
    history.events.emit(eventAt(1, ALICE));
    const heard: RecordedEvent[][] = [[], []];
    const leave = new AbortController();
    const clients = heard.map(() => connect());
    const following = clients.map(async (client, index) => {
      const events = client.events({ follow: true, user: ALICE.user }, leave.signal);
      for await (const event of events) heard[index]?.push(event);
    });
    const ends = Promise.allSettled(following);
    for (let at = 2; at <= 4; at++) {
      await expect.poll(() => heard.map((each) => each.length)).toEqual([at - 1, at - 1]);
      history.events.emit(eventAt(at + 100, BOB));
      history.events.emit(eventAt(at, ALICE));
    }
    await expect.poll(() => heard.map((each) => each.length)).toEqual([4, 4]);
    expect(heard[0]?.map(({ at }) => Date.parse(at))).toEqual([1, 2, 3, 4]);
    expect(reading.size).toBe(2);
    leave.abort();
    await ends;
    await expect.poll(() => reading.size).toBe(0);
    for (const client of clients) await client[Symbol.asyncDispose]();
    await server.close();
  });

  test('a reader that reads nothing keeps neither the events nor the others up, and then gets them all', async () => {
    const server = await start();
    await using slow = connect();
    const events = slow.events({ follow: true }, signal())[Symbol.asyncIterator]();
    history.events.emit(eventAt(0, ALICE));
    await events.next();
    const count = 5_000;
    for (let at = 1; at <= count; at++) {
      history.events.emit({
        ...eventAt(at, ALICE),
        kind: 'commanded',
        command: { kind: 'start' },
        by: 'x'.repeat(500),
      });
      if (at % 500 === 0) await delay(1);
    }
    await using quick = connect();
    expect(await timesOf(quick, { newest: 1 })).toEqual([count]);
    for (let at = 1; at <= count; at++) {
      const { value } = await events.next();
      if (Date.parse(value.at) !== at) expect.fail(`event ${value.at} in the place of ${at}`);
    }
    await events.return?.();
    await server.close();
  });

  test.each([
    ['a wrong workspace', 'workspace=..%2Fetc'],
    ['a time that is none', 'since=yesterday'],
    ['an unknown key', 'everything=true'],
    ['a negative number', 'limit=-1'],
    ['a kind that there is not', 'kind=sung'],
  ])('refuses %s', async (_what, query) => {
    const server = await start();
    expect((await get(`/events?${query}`)).status).toBe(400);
    expect((await get('/events?limit=1')).status).toBe(200);
    await server.close();
  });

  test('ends with the factory, and its reader knows that this was not all', async () => {
    const server = await start();
    await using client = connect();
    history.events.emit(eventAt(1, ALICE));
    const events = client.events({ follow: true }, signal())[Symbol.asyncIterator]();
    await events.next();
    const next = events.next();
    await server.close();
    await expect(next).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    await expect(timesOf(client, {})).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    await expect.poll(() => reading.size).toBe(0);
  });

  test('that breaks off in the middle is no end', async () => {
    const server = await start(async function* () {
      yield* history.read({ follow: false }, signal());
      throw new Error('the disk is gone');
    });
    await using client = connect();
    history.events.emit(eventAt(1, ALICE));
    await expect(timesOf(client, {})).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    await server.close();
  });

  test('of another version says so', async () => {
    const other = createServer((_request, response) => void response.end('data: {"hello":"world"}\n\n'));
    other.listen(controlSocket(folder));
    await once(other, 'listening');
    await using client = connect();
    await expect(timesOf(client, {})).rejects.toMatchObject({
      code: 'CONTROL_FAILED',
      message: expect.stringContaining('another version'),
    });
    other.close();
  });
});

test('messages are read however the network cuts them', async () => {
  const event: RecordedEvent = {
    id: 7,
    at: '2026-11-28T10:00:00.000Z',
    user: 'alice',
    lab: 'k3s',
    kind: 'commanded',
    command: { kind: 'start' },
    by: 'rööt\n\ndata: {}',
  };
  const text = `: keep-alive\n\n${toEventMessage(event)}${toEventMessage({ ...event, id: null })}`;
  for (const length of [1, 2, 7, 1_000]) {
    const read: RecordedEvent[] = [];
    const chunks = (async function* () {
      for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
    })();
    for await (const each of readEventMessages(chunks)) read.push(each);
    expect(read).toEqual([event, { ...event, id: null }]);
  }
});

test('a quiet stream gives signs of life, one that ends or fails does so', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = (async function* () {
    yield 'one';
    await promise;
    yield 'two';
    throw new Error('over');
  })();
  const given: string[] = [];
  const read = async () => {
    for await (const text of withKeepAlive(source, 'sign', 5)) {
      given.push(text);
      if (given.length === 4) resolve();
    }
  };
  await expect(read()).rejects.toThrow('over');
  expect(given.slice(0, 4)).toEqual(['one', 'sign', 'sign', 'sign']);
  expect(given.at(-1)).toBe('two');
});
