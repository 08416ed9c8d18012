import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALICE, BOB, hooksIn, labWith, sessionOf } from './testing/hooks-under-test.ts';
import { type Answer, json, OK, type Receiver, startReceiver, status } from './testing/receiver.ts';

let data: string;
let receiver: Receiver;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'hooks-'));
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver[Symbol.asyncDispose]();
  await rm(data, { recursive: true, force: true });
});

const { signal } = new AbortController();
const JSON_TYPE = { 'content-type': 'application/json' };
const only =
  (hook: string, answer: Answer): Answer =>
  (received, response) =>
    (received.type === hook ? answer : OK)(received, response);
const idsOf = (hook: string) =>
  receiver.received.filter(({ type }) => type === hook).map(({ headers }) => headers['webhook-id']);

const drip: Answer = (_received, response) => {
  response.writeHead(200, JSON_TYPE);
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

/** They may have acted: the hook is tried again, with the same key; when nobody waits any more the cleanup comes after it. */
test.each<[string, Answer]>([
  ['never answers', () => {}],
  ['sends its answer a byte at a time', drip],
  [
    'closes in the middle',
    (_received, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '9' });
      response.write('{', () => response.destroy());
    },
  ],
  ['has an error of its own', status(500)],
  ['redirects', status(307, { location: 'https://example.org/' })],
])(
  'a required initialization whose receiver %s keeps people out, and is tried again',
  async (_what, answer) => {
    let lab = labWith(receiver.url, ['initialization', 'cleanup'], { timeout: 250 });
    await using under = hooksIn(data, () => lab);
    receiver.answer = only('initialization', answer);
    await expect(under.hooks.configure(ALICE, lab, sessionOf('s'), signal)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
    });
    expect(under.hooks.configured(ALICE)).toBeUndefined();
    receiver.answer = only('initialization', json({ environment: { TEAM: 'blue' } }));
    // A good answer takes its time on a busy machine.
    lab = labWith(receiver.url, ['initialization', 'cleanup'], { timeout: 20_000 });
    const configuration = await under.hooks.configure(ALICE, lab, sessionOf('s2'), signal);
    expect(configuration.env).toEqual({ TEAM: 'blue' });
    expect(new Set(idsOf('initialization')).size).toBe(1);
  },
);

/** They have acted, and what they said is of no use. */
test.each<[string, Answer]>([
  ['is garbage', (_received, response) => void response.writeHead(200, JSON_TYPE).end('{"environment":')],
  ['breaks the rules', json({ environment: { LD_PRELOAD: 'x' } })],
  ['is no JSON', json({}, { 'content-type': 'text/html' })],
  [
    'is huge',
    (_received, response) => void response.writeHead(200, JSON_TYPE).end(Buffer.alloc(2 ** 22, ' ')),
  ],
  [
    'is a bomb',
    (_received, response) =>
      void response
        .writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(2 ** 24, ' '))),
  ],
])(
  'an answer that %s fails a required initialization, which is cleaned up; else people come in with nothing',
  async (_what, answer) => {
    const lab = labWith(receiver.url, ['initialization', 'cleanup']);
    const lenient = labWith(receiver.url, ['initialization', 'cleanup'], { required: false });
    await using under = hooksIn(data, ({ user }) => (user === 'alice' ? lab : lenient));
    receiver.answer = only('initialization', answer);
    await expect(under.hooks.configure(ALICE, lab, sessionOf('s'), signal)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
    });
    await expect.poll(() => idsOf('cleanup')).toHaveLength(1);
    expect(idsOf('initialization')).toHaveLength(1);
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject({
      cause: 'initialization_failed',
    });
    expect(await under.hooks.configure(BOB, lenient, sessionOf('s'), signal)).toMatchObject({
      env: {},
      files: [],
    });
    expect(idsOf('cleanup')).toHaveLength(1);
    expect(idsOf('initialization')).toHaveLength(2);
  },
);

test('a receiver that is slow for one workspace holds up no other', async () => {
  const lab = labWith(receiver.url, ['session_start']);
  await using under = hooksIn(data, () => lab);
  receiver.answer = (received, response) => received.user !== 'alice' && OK(received, response);
  under.hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  under.hooks.sessionBegan(ALICE, lab, sessionOf('s2'), false);
  under.hooks.sessionBegan(BOB, lab, sessionOf('s3'), true);
  await expect.poll(() => receiver.received.some(({ user }) => user === 'bob')).toBe(true);
  expect(receiver.received.filter(({ user }) => user === 'alice').length).toBeLessThanOrEqual(1);
});

test('410 is given up at once, and the next goes on; retry-after is waited for', async () => {
  const lab = labWith(receiver.url, ['session_start', 'session_end']);
  await using under = hooksIn(data, () => lab);
  receiver.answer = only('session_start', status(410));
  under.hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  under.hooks.sessionEnded(ALICE, lab, sessionOf('s1'), 'closed', true);
  await expect.poll(() => under.hooks.office.list(9)).toMatchObject({ waiting: 0, given_up: 1 });
  expect(receiver.received.map(({ type }) => type)).toEqual(['session_start', 'session_end']);
  receiver.answer = status(429, { 'retry-after': '1000' });
  under.hooks.sessionBegan(BOB, lab, sessionOf('s2'), true);
  await expect.poll(() => under.hooks.office.list(9).hooks.at(-1)).toMatchObject({ attempts: 1 });
  const next = Date.parse(under.hooks.office.list(9).hooks.at(-1)?.next_at ?? '');
  expect(next - Date.now()).toBeGreaterThan(900_000);
});

test('an address that is not public is not called, for an initialization at once', async () => {
  const lab = labWith(receiver.url);
  const config = { privateAddresses: [], giveUpAfter: 1_000, ca: undefined };
  await using under = hooksIn(data, () => lab, { config });
  await expect(under.hooks.configure(ALICE, lab, sessionOf('s'), signal)).rejects.toMatchObject({
    code: 'HOOK_FAILED',
  });
  expect(receiver.received).toEqual([]);
  expect(under.logged.join()).toContain('hooks.private_addresses');
});

test('what waits goes to the URL of today; a hook that is asked for no more is dropped', async () => {
  let lab = labWith('http://127.0.0.1:1', ['session_start', 'session_end']);
  await using under = hooksIn(data, () => lab);
  under.hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  under.hooks.sessionEnded(ALICE, lab, sessionOf('s1'), 'closed', true);
  await expect.poll(() => under.hooks.office.list(1).hooks[0]?.attempts).toBe(1);
  lab = labWith(receiver.url, ['session_end']);
  under.hooks.office.retry(undefined);
  await expect.poll(() => receiver.received.map(({ type }) => type)).toEqual(['session_end']);
  expect(under.logged.join()).toContain('does not ask for this hook any more');
});
