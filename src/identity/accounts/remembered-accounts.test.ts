import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { Confirmation, Known } from '../identity.ts';
import { TestAccounts } from '../testing/accounts-api.ts';
import { recordingLogger, username } from '../testing/fixtures.ts';
import { type Answer, startTestKeyServer, type TestKeyServer, text } from '../testing/key-server.ts';
import { makeTestKey, type TestKey } from '../testing/test-keys.ts';
import { RememberedAccounts } from './remembered-accounts.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const alice = username('alice');
const [laptop, desktop, thief] = [
  makeTestKey('ssh-ed25519'),
  makeTestKey('ssh-ed25519'),
  makeTestKey('ssh-ed25519'),
];
const signal = new AbortController().signal;

let stack: AsyncDisposableStack;
let folder: string;
let github: TestAccounts;
let server: TestKeyServer;
let clock: VirtualClock;
let log: ReturnType<typeof recordingLogger>;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'accounts-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  server = stack.use(await startTestKeyServer());
  github = new TestAccounts();
  server.answer = github.answer;
  clock = new VirtualClock();
  log = recordingLogger();
});
afterEach(() => stack.disposeAsync());

/** A source of accounts, as a start of the factory makes it. */
function start(api = server.url, at = folder): RememberedAccounts {
  const accounts = new RememberedAccounts({
    source: 'github.test',
    api,
    folder: at,
    logger: log.logger,
    clock,
  });
  return stack.use(accounts);
}

function comesIn(accounts: RememberedAccounts, used: TestKey, listed = [used]): Promise<Confirmation> {
  const known: Known = {
    kind: 'known',
    source: 'github.test',
    editHint: '',
    keys: listed.map(({ key }) => key),
    keysArePublic: true,
  };
  return accounts.confirm(alice, known, { kind: 'public_key', key: used.key }, signal);
}

const CHANGED = { kind: 'refused', error: { code: 'IDENTITY_CHANGED' } };

/** What becomes of a login that was let in without an answer. */
async function refusalOf(confirmation: Confirmation): Promise<string | undefined> {
  if (confirmation.kind !== 'later') throw new Error(`it is ${confirmation.kind}`);
  let settled = false;
  const refusal = confirmation.refusal.finally(() => {
    settled = true;
  });
  await expect
    .poll(async () => {
      await clock.advance(10 * SECOND);
      return settled;
    })
    .toBe(true);
  return (await refusal)?.code;
}

describe('the first login', () => {
  test('is remembered on the disk, and its keys are not asked about again, also after a restart', async () => {
    github.register('alice', 42);
    const first = start();
    expect(await comesIn(first, laptop, [laptop, desktop])).toEqual({ kind: 'confirmed' });
    expect(await readdir(folder)).toEqual(['alice.account.json']);
    expect((await stat(join(folder, 'alice.account.json'))).mode & 0o777).toBe(0o600);
    for (const accounts of [first, start()]) {
      expect(await comesIn(accounts, laptop)).toEqual({ kind: 'confirmed' });
      expect(await comesIn(accounts, desktop)).toEqual({ kind: 'confirmed' });
    }
    expect(server.asked).toEqual(['/users/alice']);
  });

  test('of twenty at once costs one question', async () => {
    github.register('alice', 42);
    const accounts = start();
    const all = await Promise.all(Array.from({ length: 20 }, () => comesIn(accounts, laptop)));
    expect(all).toEqual(all.map(() => ({ kind: 'confirmed' })));
    expect(server.asked).toHaveLength(1);
  });

  test('works on a disk that cannot be written, with an error in the log', async () => {
    github.register('alice', 42);
    const accounts = start(server.url, '/proc/accounts');
    expect(await comesIn(accounts, laptop)).toEqual({ kind: 'confirmed' });
    expect(log.lines).toMatchObject([{ level: 50, user: 'alice' }]);
    github.register('alice', 43);
    expect(await comesIn(accounts, thief)).toMatchObject(CHANGED);
  });
});

describe('a name that comes back as another account', () => {
  test('is refused by every key, also by the old ones and after a restart, until it is accepted', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    github.register('alice', 43);
    expect(await comesIn(accounts, thief)).toMatchObject(CHANGED);
    for (const each of [accounts, start()]) {
      expect(await comesIn(each, laptop)).toMatchObject(CHANGED);
      expect(await comesIn(each, thief)).toMatchObject(CHANGED);
    }
    expect(await accounts.list()).toMatchObject([{ user: 'alice', id: 42, refused: { id: 43 } }]);

    expect(await accounts.accept(alice)).toMatchObject({ id: 42, refused: { id: 43 } });
    expect(await comesIn(accounts, thief)).toEqual({ kind: 'confirmed' });
    const restarted = start();
    expect(await restarted.recall(alice)).toMatchObject({ id: 43, refused: undefined });
    expect(await comesIn(restarted, thief)).toEqual({ kind: 'confirmed' });
  });

  test('is told in the log with both ids, under the id that the person is told', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    github.register('alice', 43);
    const refused = await comesIn(accounts, thief);
    const { id } = refused.kind === 'refused' ? refused.error : expect.fail();
    expect(log.lines).toMatchObject([{ code: 'IDENTITY_CHANGED', errorId: id, user: 'alice' }]);
    expect(JSON.stringify(log.lines)).toMatch(/account 42 before, 43 now/);
  });

  test('and is a third one when it was accepted, is refused again', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    github.register('alice', 43);
    await comesIn(accounts, thief);
    await accounts.accept(alice);
    github.register('alice', 44);
    expect(await comesIn(accounts, thief)).toMatchObject(CHANGED);
  });

  test('is not believed to be the old one because of a question that began before its keys were listed', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    const held: (() => void)[] = [];
    server.answer = (response, request) => {
      // As it was when it was asked for; told later.
      const now = new TestAccounts();
      now.register('alice', github.idOf('alice') ?? 0);
      held.push(() => now.answer(response, request));
    };
    const hers = comesIn(accounts, desktop);
    await expect.poll(() => held.length).toBe(1);
    github.register('alice', 43);
    const theirs = comesIn(accounts, thief);
    await expect.poll(() => held.length).toBe(2);
    for (const tell of held) tell();
    expect(await hers).toEqual({ kind: 'confirmed' });
    expect(await theirs).toMatchObject(CHANGED);
  });
});

describe('a name that was given up', () => {
  test('lets its former owner in by no new key, and is remembered as theirs', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    github.rename('alice', 'alicia');
    const refused = await comesIn(accounts, desktop);
    expect(refused).toMatchObject({ kind: 'refused', error: { code: 'IDENTITY_UNAVAILABLE' } });
    expect(server.asked.at(-1)).toBe('/user/42');
    github.rename('alicia', 'alice');
    expect(await comesIn(accounts, desktop)).toEqual({ kind: 'confirmed' });
  });

  test('is not remembered as the account that it redirects to', async () => {
    github.register('alice', 42);
    github.rename('alice', 'alicia');
    const accounts = start();
    expect(await comesIn(accounts, laptop)).toMatchObject({ kind: 'refused' });
    expect(await accounts.list()).toEqual([]);
  });

  test('and that the API knows no more is refused where it was known, for that time', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    github.rename('alice', 'alicia');
    github.register('alice', 0);
    const before = server.answer;
    server.answer = (response) => response.writeHead(404).end();
    expect(await comesIn(accounts, desktop)).toMatchObject({ kind: 'refused' });
    server.answer = before;
    github.register('alice', 42);
    expect(await comesIn(accounts, desktop)).toEqual({ kind: 'confirmed' });
  });
});

const json = (value: unknown): Answer => text(JSON.stringify(value), 'application/json');
const noAnswers: [string, Answer][] = [
  ['status 500', (response) => response.writeHead(500).end()],
  ['a rate limit', (response) => response.writeHead(403, { 'x-ratelimit-remaining': '0' }).end('{}')],
  ['a web page', text('<!DOCTYPE html><title>Sign in</title>', 'text/html')],
  ['no JSON', text('{"id": 43', 'application/json')],
  ['a string for an id', json({ id: '43', login: 'alice' })],
  ['an id that is no whole number', json({ id: 4.5, login: 'alice' })],
  ['an id beyond what a number holds', text('{"id": 9007199254740993, "login": "alice"}')],
  ['no login', json({ id: 43 })],
  ['a list', json([{ id: 43, login: 'alice' }])],
  ['a huge answer', json({ id: 43, login: 'alice', bio: 'x'.repeat(100_000) })],
  ['a connection that is closed at once', (response) => response.destroy()],
  [
    'a redirect to another host',
    (response) => response.writeHead(302, { location: 'http://127.0.0.2:9/users/alice' }).end(),
  ],
  ['a redirect without end', (response) => response.writeHead(301, { location: '/users/alice' }).end()],
];

describe.each(noAnswers)('%s', (_, noAnswer) => {
  test('is no answer: the login works, and the account is checked later', async () => {
    const accounts = start();
    server.answer = noAnswer;
    const first = await comesIn(accounts, laptop);
    expect(first).toMatchObject({ kind: 'later' });
    expect(await accounts.list()).toEqual([]);
    github.register('alice', 42);
    server.answer = github.answer;
    expect(await refusalOf(first)).toBeUndefined();
    expect(await accounts.recall(alice)).toMatchObject({ id: 42 });

    server.answer = noAnswer;
    const second = await comesIn(accounts, thief);
    expect(second).toMatchObject({ kind: 'later' });
    github.register('alice', 43);
    server.answer = github.answer;
    expect(await refusalOf(second)).toBe('IDENTITY_CHANGED');
    expect(await comesIn(accounts, laptop)).toMatchObject(CHANGED);
  });
});

describe('while the API does not answer', () => {
  test('a silent one is given up after 2 s, and nobody else waits for it', async () => {
    server.answer = () => {};
    const accounts = start();
    const begun = performance.now();
    const first = await comesIn(accounts, laptop);
    expect(performance.now() - begun).toBeGreaterThan(1_900);
    expect(first).toMatchObject({ kind: 'later' });
    expect(await comesIn(accounts, desktop)).toMatchObject({ kind: 'later' });
    expect(server.asked).toHaveLength(1);
  }, 15_000);

  test('a name that is back before there is an answer leaves no key of the other account behind', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    server.answer = (response) => response.writeHead(500).end();
    const between = await comesIn(accounts, thief);
    github.register('alice', 42);
    server.answer = github.answer;
    expect(await refusalOf(between)).toBeUndefined();
    github.register('alice', 43);
    expect(await comesIn(accounts, thief)).toMatchObject(CHANGED);
  });

  test('keys that are known are not asked about', async () => {
    github.register('alice', 42);
    const accounts = start();
    await comesIn(accounts, laptop);
    server.answer = () => expect.fail('nothing is to be asked');
    expect(await comesIn(accounts, laptop)).toEqual({ kind: 'confirmed' });
  });

  test('it is asked at longer and longer times, once for all sessions, and not after the end', async () => {
    server.answer = (response) => response.writeHead(500).end();
    const accounts = start();
    const sessions = await Promise.all(Array.from({ length: 5 }, () => comesIn(accounts, laptop)));
    expect(sessions.map(({ kind }) => kind)).toEqual(Array(5).fill('later'));
    for (let step = 0; step < 360; step += 1) {
      await clock.advance(10 * SECOND);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(server.asked.length).toBeGreaterThan(5);
    expect(server.asked.length).toBeLessThan(16);
    const asked = server.asked.length;
    await accounts[Symbol.asyncDispose]();
    await clock.advance(HOUR);
    expect(server.asked).toHaveLength(asked);
    for (const session of sessions) {
      expect(session.kind === 'later' && (await session.refusal)).toBeUndefined();
    }
  });

  test('a limit is waited for until its end, by all users together', async () => {
    const reset = Math.round((clock.now() + HOUR / 2) / SECOND);
    server.answer = (response) =>
      response.writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${reset}` }).end();
    const accounts = start();
    const session = await comesIn(accounts, laptop);
    github.register('alice', 42);
    server.answer = github.answer;
    await clock.advance(HOUR / 2 - 2 * SECOND);
    expect(server.asked).toHaveLength(1);
    expect(await refusalOf(session)).toBeUndefined();
    expect(server.asked).toHaveLength(2);
  });
});

describe('what is remembered and cannot be read', () => {
  test.each([
    '',
    '{"id": 42',
    '{"id": "42", "since": 1, "keys": []}',
    '{"id":42,"since":1,"keys":[],"more":1}',
  ])('%j lets nobody in until it is accepted', async (content) => {
    github.register('alice', 42);
    await writeFile(join(folder, 'alice.account.json'), content);
    const accounts = start();
    expect(await comesIn(accounts, laptop)).toMatchObject({
      kind: 'refused',
      error: { code: 'IDENTITY_UNAVAILABLE' },
    });
    expect(server.asked).toEqual([]);
    expect(await accounts.list()).toMatchObject([{ user: 'alice', id: undefined }]);
    await accounts.accept(alice);
    expect(await comesIn(accounts, laptop)).toEqual({ kind: 'confirmed' });
    expect(JSON.parse(await readFile(join(folder, 'alice.account.json'), 'utf8'))).toMatchObject({ id: 42 });
  });
});

test('nobody uses up with new keys what the API answers to all', async () => {
  github.register('alice', 42);
  const accounts = start();
  for (let question = 0; question < 10; question += 1) {
    expect(await comesIn(accounts, makeTestKey('ssh-ed25519'))).toEqual({ kind: 'confirmed' });
  }
  const refused = { kind: 'refused', error: { code: 'TOO_MANY_REQUESTS' } };
  expect(await comesIn(accounts, laptop)).toMatchObject(refused);
  expect(server.asked).toHaveLength(10);
  await clock.advance(HOUR);
  expect(await comesIn(accounts, laptop)).toEqual({ kind: 'confirmed' });
  expect(await comesIn(accounts, laptop)).toEqual({ kind: 'confirmed' });
});

test('of a user with more keys than are kept, those that were used last are', async () => {
  github.register('alice', 42);
  const accounts = start();
  const many = Array.from({ length: 120 }, () => makeTestKey('ssh-ed25519'));
  await comesIn(accounts, laptop, [laptop, ...many]);
  await comesIn(accounts, many[119] ?? laptop, many);
  const { keys } = JSON.parse(await readFile(join(folder, 'alice.account.json'), 'utf8'));
  expect(keys).toHaveLength(100);
  expect(keys[0]).toBe(many[119]?.key.fingerprint);
});

test('accepting whom nobody knows changes nothing', async () => {
  const accounts = start();
  expect(await accounts.accept(alice)).toBeUndefined();
  github.register('alice', 42);
  await comesIn(accounts, laptop);
  expect(await accounts.accept(alice)).toMatchObject({ id: 42, refused: undefined });
  expect(await comesIn(accounts, laptop)).toEqual({ kind: 'confirmed' });
  expect(server.asked).toHaveLength(1);
});
