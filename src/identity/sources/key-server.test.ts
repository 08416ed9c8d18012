import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { handClock, recordingLogger, username } from '../testing/fixtures.ts';
import {
  type Answer,
  notFound,
  startTestKeyServer,
  type TestKeyServer,
  text,
} from '../testing/key-server.ts';
import { makeTestKey } from '../testing/test-keys.ts';
import { KeyServerSource } from './key-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [laptop, desktop] = [makeTestKey('ssh-ed25519'), makeTestKey('ecdsa-sha2-nistp256')];
const alice = username('alice');
const signal = new AbortController().signal;

let server: TestKeyServer;
let data: string;
let clock: ReturnType<typeof handClock>;
let log: ReturnType<typeof recordingLogger>;

beforeEach(async () => {
  server = await startTestKeyServer();
  data = await mkdtemp(join(tmpdir(), 'identity-server-'));
  clock = handClock(Date.UTC(2026, 0, 1));
  log = recordingLogger();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(data, { recursive: true });
});

const newSource = (url = server.url) =>
  new KeyServerSource({ url, freshFor: 5 * MINUTE, api: undefined, data, logger: log.logger, clock });
const known = (...keys: (typeof laptop)[]) => ({ kind: 'known', keys: keys.map(({ key }) => key) });
const warnings = () => log.lines.filter(({ level }) => Number(level) >= 40);

describe('an answer', () => {
  test('with keys is known, and asked for at <url>/<user>.keys', async () => {
    server.answer = text(`${laptop.line}\n${desktop.line}\n`);
    const source = newSource(`${server.url}/git/`);
    expect(await source.lookup(alice, signal)).toMatchObject(known(laptop, desktop));
    expect(server.asked).toEqual(['/git/alice.keys']);
  });

  test('of a user without keys is known too, also with a comment in it', async () => {
    server.answer = text('');
    expect(await newSource().lookup(alice, signal)).toMatchObject(known());
    server.answer = text('# The keys are exported as the user uploaded them.\n');
    expect(await newSource().lookup(username('bob'), signal)).toMatchObject(known());
  });

  test('404 is unknown for half a minute', async () => {
    const source = newSource();
    expect(await source.lookup(alice, signal)).toEqual({ kind: 'unknown' });
    server.answer = text(laptop.line);
    clock.advance(29_999);
    expect(await source.lookup(alice, signal)).toEqual({ kind: 'unknown' });
    clock.advance(1);
    expect(await source.lookup(alice, signal)).toMatchObject(known(laptop));
  });

  test('after redirects on the same server counts', async () => {
    const moved: Answer = (response) => response.writeHead(302, { location: '/moved' }).end();
    server.answer = (response, request) =>
      (request.url === '/moved' ? text(laptop.line) : moved)(response, request);
    expect(await newSource().lookup(alice, signal)).toMatchObject(known(laptop));
  });
});

describe('how often the server is asked', () => {
  test('once for all who wait, and not again while the answer is fresh', async () => {
    server.answer = text(laptop.line);
    const source = newSource();
    await Promise.all(Array.from({ length: 20 }, () => source.lookup(alice, signal)));
    clock.advance(5 * MINUTE - 1);
    await source.lookup(alice, signal);
    expect(server.asked).toHaveLength(1);
    clock.advance(1);
    await source.lookup(alice, signal);
    expect(server.asked).toHaveLength(2);
  });

  test('a fresh answer is had at most every 5 s', async () => {
    server.answer = text(laptop.line);
    const source = newSource();
    await source.lookup(alice, signal);
    server.answer = text(desktop.line);
    clock.advance(4_999);
    expect(await source.lookup(alice, signal, { fresh: true })).toMatchObject(known(laptop));
    clock.advance(1);
    expect(await source.lookup(alice, signal, { fresh: true })).toMatchObject(known(desktop));
    expect(server.asked).toHaveLength(2);
  });

  test('who goes away does not spoil it for the others', async () => {
    let release = () => {};
    server.answer = (response, request) => {
      release = () => text(laptop.line)(response, request);
    };
    const source = newSource();
    const leaver = new AbortController();
    const left = source.lookup(alice, leaver.signal);
    const stays = source.lookup(alice, signal);
    await expect.poll(() => server.asked.length).toBe(1);
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    release();
    expect(await stays).toMatchObject(known(laptop));
  });
});

const noAnswers: [string, Answer][] = [
  ['status 500', (response) => response.writeHead(500).end()],
  ['status 429', (response) => response.writeHead(429).end('slow down')],
  ['status 403 with keys', (response) => response.writeHead(403).end(desktop.line)],
  ['status 204', (response) => response.writeHead(204).end()],
  ['a web page', text('<!DOCTYPE html><title>Sign in</title>', 'text/html')],
  ['a web page that says it is text', text('<!DOCTYPE html>\n<title>Sign in</title>')],
  ['an empty web page', text('', 'text/html')],
  ['an empty body of no known type', (response) => response.writeHead(200).end()],
  ['a key cut short', text(desktop.line.slice(0, 60))],
  ['a good line and junk', text(`${desktop.line}\nupstream timed out\n`)],
  ['a huge answer', text(`${desktop.line}\n`.repeat(3_000))],
  [
    'a connection that breaks off',
    (response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 9_999 });
      response.write(`${desktop.line}\n`, () => response.destroy());
    },
  ],
  ['a connection that is closed at once', (response) => response.destroy()],
  [
    'a redirect to another host',
    (response) => response.writeHead(302, { location: 'http://127.0.0.2:9/alice.keys' }).end(),
  ],
  ['a redirect without end', (response) => response.writeHead(302, { location: '/alice.keys' }).end()],
];

describe.each(noAnswers)('%s', (_, answer) => {
  test('is no answer: unavailable without an earlier one, else the last good keys serve', async () => {
    server.answer = answer;
    const source = newSource();
    expect(await source.lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });

    server.answer = text(laptop.line);
    clock.advance(10_000);
    expect(await source.lookup(alice, signal)).toMatchObject(known(laptop));

    server.answer = answer;
    clock.advance(HOUR);
    expect(await source.lookup(alice, signal)).toMatchObject(known(laptop));
    expect(warnings().at(-1)).toMatchObject({ user: 'alice', age: 3600, level: 40 });
  });
});

test('a server that is silent is given up after 5 s', async () => {
  server.answer = () => {};
  const begun = performance.now();
  expect(await newSource().lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });
  expect(performance.now() - begun).toBeGreaterThan(4_900);
  expect(warnings()).toMatchObject([
    { code: 'IDENTITY_UNAVAILABLE', err: { message: expect.stringContaining('no answer in time') } },
  ]);
}, 15_000);

describe('the last good keys', () => {
  test('serve after a restart while the server is down, private to the factory', async () => {
    server.answer = text(laptop.line);
    await newSource().lookup(alice, signal);
    server.answer = (response) => response.destroy();
    clock.advance(90 * 24 * HOUR);
    expect(await newSource().lookup(alice, signal)).toMatchObject(known(laptop));

    const [folder = ''] = await readdir(join(data, 'identity'));
    expect(await readdir(join(data, 'identity', folder))).toEqual(['alice.keys']);
    const { mode } = await stat(join(data, 'identity', folder, 'alice.keys'));
    expect(mode & 0o777).toBe(0o600);
  });

  test('outlive an empty answer for a day, also over a restart, and then are gone', async () => {
    server.answer = text(laptop.line);
    const source = newSource();
    await source.lookup(alice, signal);
    server.answer = text('');
    clock.advance(6 * MINUTE);
    expect(await source.lookup(alice, signal)).toMatchObject(known(laptop));
    expect(warnings()).toMatchObject([{ level: 50, user: 'alice', age: 360 }]);

    clock.advance(23 * HOUR);
    expect(await newSource().lookup(alice, signal)).toMatchObject(known(laptop));
    clock.advance(HOUR);
    expect(await source.lookup(alice, signal)).toMatchObject(known());

    server.answer = (response) => response.destroy();
    clock.advance(HOUR);
    expect(await newSource().lookup(alice, signal)).toMatchObject(known());
  });

  test('give way to a new list at once', async () => {
    server.answer = text(laptop.line);
    const source = newSource();
    await source.lookup(alice, signal);
    server.answer = text(desktop.line);
    clock.advance(6 * MINUTE);
    expect(await source.lookup(alice, signal)).toMatchObject(known(desktop));
  });

  test('of an account that is gone do not come back when the server is down', async () => {
    server.answer = text(laptop.line);
    await newSource().lookup(alice, signal);
    server.answer = notFound;
    await newSource().lookup(alice, signal);
    server.answer = (response) => response.destroy();
    expect(await newSource().lookup(alice, signal)).toMatchObject({ kind: 'unavailable' });
  });

  test('are not needed: a data folder that cannot be written costs warnings', async () => {
    server.answer = text(laptop.line);
    const options = { url: server.url, freshFor: MINUTE, api: undefined, logger: log.logger, clock };
    const source = new KeyServerSource({ ...options, data: '/dev/null' });
    expect(await source.lookup(alice, signal)).toMatchObject(known(laptop));
    expect(warnings()).not.toEqual([]);
  });
});

test.each(['http://github.com', 'ftp://127.0.0.1', 'github.com', 'https://a:b@github.com'])(
  '%s is no key server',
  (url) => {
    expect(() => newSource(url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);
