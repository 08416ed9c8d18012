import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Cause } from '../workspaces/ports/events.ts';
import { hookBodySchema } from './messages/hook-body.ts';
import { ALICE, BOB, hooksIn, labWith, SECRET, sessionOf } from './testing/hooks-under-test.ts';
import { json, OK, type Receiver, startReceiver, status } from './testing/receiver.ts';

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

const GRACE: Cause = { kind: 'time', after: 'grace' };
const { signal } = new AbortController();
const types = (of = receiver) => of.received.map(({ type }) => type);
const body = (index: number) => hookBodySchema.parse(JSON.parse(receiver.received[index]?.body ?? ''));

test('a session that should not have begun has an end like any other', async () => {
  const lab = labWith(receiver.url, ['session_end', 'last_session']);
  await using under = hooksIn(data, () => lab);
  under.hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  under.hooks.sessionEnded(ALICE, lab, sessionOf('s1'), 'refused', true);
  await expect.poll(() => types()).toEqual(['session_end', 'last_session']);
  expect(body(0).cause).toBe('refused');
});

test('a workspace from its first session to its deletion: each hook once, in order, signed', async () => {
  const lab = labWith(receiver.url);
  await using under = hooksIn(data, () => lab);
  const { hooks } = under;
  hooks.recover();
  receiver.answer = (received, response) =>
    received.type === 'initialization'
      ? json({ environment: { TEAM: 'blue' }, values: { id: '7' }, message: 'Welcome' })(received, response)
      : OK(received, response);
  const configuration = await hooks.configure(ALICE, lab, sessionOf('s1'), signal);
  expect(configuration).toMatchObject({ env: { TEAM: 'blue' }, values: { id: '7' }, message: 'Welcome' });
  expect(hooks.configured(ALICE)).toEqual(configuration);
  expect(hooks.configured(BOB)).toBeUndefined();
  hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  hooks.sessionBegan(ALICE, lab, sessionOf('s2'), false);
  hooks.sessionEnded(ALICE, lab, sessionOf('s1'), 'closed', false);
  hooks.sessionEnded(ALICE, lab, sessionOf('s2'), 'lost', true);
  hooks.graceOver(ALICE, lab, GRACE);
  hooks.graceOver(ALICE, lab, GRACE);
  hooks.deleted(ALICE, lab);
  expect(hooks.configured(ALICE)).toBeUndefined();
  await expect.poll(() => hooks.office.list(9)).toMatchObject({ waiting: 0 });
  expect(types()).toEqual([
    'initialization',
    'first_session',
    'session_start',
    'session_start',
    'session_end',
    'session_end',
    'last_session',
    'cleanup',
    'delete',
  ]);
  for (const { body: text, headers } of receiver.received) {
    new Webhook(SECRET).verify(text, headers as Record<string, string>);
    expect(headers['webhook-id']).toBe(JSON.parse(text).delivery.id);
  }
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(9);
  expect(body(0)).toMatchObject({
    username: 'alice',
    environment: 'k3s',
    groups: ['class-a'],
    role: 'student',
    host: 'alice.lab.example.org',
    configuration_id: configuration.id,
    session: { id: 's1', client_address: '192.0.2.7:50122' },
  });
  expect(body(6)).toMatchObject({ type: 'last_session', cause: 'lost', session: { id: 's2' } });
  expect(body(7)).toMatchObject({ cause: 'grace', configuration_id: configuration.id, session: null });
  expect(under.events).toHaveLength(9);
  expect(under.events[0]).toMatchObject({
    kind: 'hook',
    hook: 'initialization',
    outcome: 'delivered',
    attempt: 1,
  });
});

test('a receiver that is mended gets what waited, in order, with the same id and body at every try', async () => {
  const lab = labWith(receiver.url, ['session_start', 'session_end']);
  await using under = hooksIn(data, () => lab);
  receiver.answer = status(500);
  under.hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  under.hooks.sessionEnded(ALICE, lab, sessionOf('s1'), 'closed', true);
  under.hooks.sessionBegan(BOB, lab, sessionOf('s3'), true);
  await expect.poll(() => receiver.received.length).toBeGreaterThanOrEqual(4);
  expect(receiver.received.filter(({ user }) => user === 'alice').map(({ type }) => type)).not.toContain(
    'session_end',
  );
  receiver.answer = OK;
  await expect.poll(() => under.hooks.office.list(9)).toMatchObject({ waiting: 0 });
  const ofAlice = receiver.received.filter(({ user }) => user === 'alice');
  expect(ofAlice.at(-1)?.type).toBe('session_end');
  const starts = ofAlice.slice(0, -1);
  expect(new Set(starts.map(({ body: text, headers }) => `${headers['webhook-id']} ${text}`)).size).toBe(1);
});

test('a required initialization that is refused keeps everybody out, and has no cleanup', async () => {
  const lab = labWith(receiver.url);
  await using under = hooksIn(data, () => lab);
  receiver.answer = status(403);
  const attempt = under.hooks.configure(ALICE, lab, sessionOf('s1'), signal);
  await expect(attempt).rejects.toMatchObject({ code: 'HOOK_FAILED' });
  under.hooks.graceOver(ALICE, lab, GRACE);
  expect(under.hooks.office.list(9)).toMatchObject({ waiting: 0, given_up: 0 });
  expect(types()).toEqual(['initialization']);
  expect(under.logged.join()).toContain('answered 403');
  expect(under.logged.join()).not.toContain('whsec_');
});

test('one that is not required lets people in, and its answer holds later', async () => {
  let lab = labWith(receiver.url, ['initialization', 'cleanup'], { required: false, timeout: 100 });
  await using under = hooksIn(data, () => lab);
  receiver.answer = status(503);
  expect(await under.hooks.configure(ALICE, lab, sessionOf('s1'), signal)).toMatchObject({ env: {} });
  expect(under.hooks.configured(ALICE)).toBeUndefined();
  receiver.answer = json({ environment: { TEAM: 'red' } });
  lab = labWith(receiver.url, ['initialization', 'cleanup'], { required: false });
  await expect.poll(() => under.hooks.configured(ALICE)).toMatchObject({ env: { TEAM: 'red' } });
});

test('sessions that come at once share one initialization, and one that is called off leaves it to the others', async () => {
  const lab = labWith(receiver.url, ['initialization']);
  await using under = hooksIn(data, () => lab);
  const answers: (() => void)[] = [];
  receiver.answer = (received, response) =>
    void answers.push(() => json({ values: { id: '7' } })(received, response));
  const calledOff = new AbortController();
  const first = under.hooks.configure(ALICE, lab, sessionOf('s1'), calledOff.signal);
  const second = under.hooks.configure(ALICE, lab, sessionOf('s2'), signal);
  await expect.poll(() => answers).toHaveLength(1);
  calledOff.abort(new Error('called off'));
  await expect(first).rejects.toThrow('called off');
  answers[0]?.();
  expect(await second).toMatchObject({ values: { id: '7' } });
  expect(receiver.received).toHaveLength(1);
  expect(under.hooks.openConfigurations()).toEqual([ALICE]);
});

test('what is open stays open over a restart, and sessions of a factory that was killed get their end', async () => {
  const lab = labWith(receiver.url);
  const copy = await mkdtemp(join(tmpdir(), 'hooks-'));
  let id: string;
  {
    await using before = hooksIn(data, () => lab);
    receiver.answer = (received, response) =>
      received.type === 'initialization'
        ? json({ environment: { A: 'b' } })(received, response)
        : OK(received, response);
    ({ id } = await before.hooks.configure(ALICE, lab, sessionOf('s1'), signal));
    before.hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
    before.hooks.sessionBegan(ALICE, lab, sessionOf('s2'), false);
    await expect.poll(() => before.hooks.office.list(1).waiting).toBe(0);
    // As a kill leaves it: nothing has been closed.
    await cp(data, copy, { recursive: true });
  }
  receiver.received.length = 0;
  await using after = hooksIn(copy, () => lab);
  expect(after.hooks.configured(ALICE)).toMatchObject({ id, env: { A: 'b' } });
  after.hooks.recover();
  after.hooks.graceOver(ALICE, lab, GRACE);
  await expect.poll(() => after.hooks.office.list(1).waiting).toBe(0);
  expect(types()).toEqual(['session_end', 'session_end', 'last_session', 'cleanup']);
  expect(body(2)).toMatchObject({ cause: 'factory_killed', configuration_id: id });
  await rm(copy, { recursive: true });
});

test('a session that outlives its factory goes on without a word, and the others end without being the last', async () => {
  const lab = labWith(receiver.url);
  const copy = await mkdtemp(join(tmpdir(), 'hooks-copy-'));
  {
    await using before = hooksIn(data, () => lab);
    before.hooks.sessionBegan(ALICE, lab, sessionOf('front'), true);
    before.hooks.sessionBegan(ALICE, lab, sessionOf('s2'), false);
    await expect.poll(() => before.hooks.office.list(1).waiting).toBe(0);
    await cp(data, copy, { recursive: true });
  }
  receiver.received.length = 0;
  await using after = hooksIn(copy, () => lab);
  after.hooks.sessionBegan(ALICE, lab, sessionOf('front'), true);
  after.hooks.recover();
  await expect.poll(() => after.hooks.office.list(1).waiting).toBe(0);
  expect(types()).toEqual(['session_end']);
  expect(body(0)).toMatchObject({ cause: 'factory_killed', session: { id: 's2' } });
  after.hooks.sessionEnded(ALICE, lab, sessionOf('front'), 'closed', true);
  await expect.poll(() => types()).toEqual(['session_end', 'session_end', 'last_session']);
  await rm(copy, { recursive: true });
});

test('a lab with cleanup alone has one for each time that somebody was there; a lab without hooks has nothing written', async () => {
  const lab = labWith(receiver.url, ['cleanup']);
  await using under = hooksIn(data, () => lab);
  under.hooks.sessionBegan(ALICE, lab, sessionOf('s1'), true);
  under.hooks.sessionEnded(ALICE, lab, sessionOf('s1'), 'closed', true);
  under.hooks.graceOver(ALICE, lab, { kind: 'memory_pressure' });
  under.hooks.graceOver(ALICE, lab, GRACE);
  const none = labWith(receiver.url, []);
  expect(await under.hooks.configure(BOB, none, sessionOf('s2'), signal)).toMatchObject({ env: {} });
  under.hooks.sessionBegan(BOB, none, sessionOf('s2'), true);
  under.hooks.sessionEnded(BOB, none, sessionOf('s2'), 'closed', true);
  under.hooks.graceOver(BOB, none, GRACE);
  under.hooks.deleted(BOB, none);
  expect(under.hooks.openConfigurations()).toEqual([]);
  await expect.poll(() => types()).toEqual(['cleanup']);
  expect(body(0)).toMatchObject({ cause: 'memory_pressure' });
});
