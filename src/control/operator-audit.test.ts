import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { createLogger } from '../logging/logger.ts';
import { parseInstanceId } from '../names/instance-id.ts';
import { parseUsername } from '../names/username.ts';
import { systemClock } from '../time/clock.ts';
import { openTokens } from '../tokens/open-tokens.ts';
import { key } from '../workspaces/testing/harness.ts';
import { type ControlClient, createControlClient } from './control-client.ts';
import { startControlServer } from './control-server.ts';
import type { ControlTarget } from './control-target.ts';
import { IDLE_TARGET } from './testing/idle-target.ts';

const instance = parseInstanceId('abcd1234') ?? expect.fail();
const user = parseUsername('bob') ?? expect.fail();
const signal = () => AbortSignal.timeout(30_000);

let stack: AsyncDisposableStack;
let log: string[];
let path: string;
let client: ControlClient;
let target: { -readonly [Name in keyof ControlTarget]: ControlTarget[Name] };
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  log = [];
  const data = await mkdtemp(join(tmpdir(), 'operator-audit-'));
  stack.defer(() => rm(data, { recursive: true }));
  const logger = createLogger('trace', [{ write: (line: string) => void log.push(line) }]);
  const tokens = stack.use(await openTokens({ data, instance, clock: systemClock, logger }));
  // Copies: the tests put their own into them.
  target = { ...IDLE_TARGET, tokens, users: { ...IDLE_TARGET.users }, hooks: { ...IDLE_TARGET.hooks } };
  path = join(data, 'control.sock');
  const server = await startControlServer({ path, target, logger });
  stack.defer(() => server.close());
  client = stack.use(createControlClient(path, 'ida'));
});
afterEach(() => stack.disposeAsync());

const audited = () => log.map((line) => JSON.parse(line)).filter(({ audit }) => audit === true);

const IDA = { who: 'ida', from: 'control socket', door: 'control' };
const CAROLS = { role: 'instructor' as const, name: 'carol', groups: ['a'], for_ms: 60_000 };

test('all that the operator changes is in the audit log, and nothing that is only looked at', async () => {
  const account = { user, source: 'github.com', id: 1, since: 0, refused: { id: 2, since: 0 } };
  Object.assign(target.users, { accept: async () => account });
  target.drain = () => ({ until: new Date(0).toISOString() });
  await client.users.list(signal());
  await client.hooks.list(1, signal());
  await client.garbage.list(signal());
  await client.tokens.jwks(signal());
  expect(audited()).toEqual([]);

  const { expires_at } = await client.tokens.create(CAROLS, signal());
  await client.tokens.revoke({ kind: 'name', name: 'carol' }, signal());
  const { kid } = await client.tokens.rotate(signal());
  await client.hooks.retry(undefined, signal());
  await client.hooks.drop('d1', signal());
  await client.drain({ within_ms: 1_000 }, signal());
  await client.cancelDrain(signal());
  await client.users.accept(user, signal());
  await client.garbage.collect([], signal());
  await client.order(key, { kind: 'stop', by: 'ina' }, signal());
  expect(audited()).toMatchObject(
    [
      { what: 'token', for: { role: 'instructor', name: 'carol' }, until: expires_at },
      { what: 'revocation', kind: 'name', of: 'carol' },
      { what: 'signing_key', kid },
      { what: 'hook', order: 'retry', delivery: 'all', retried: 0 },
      { what: 'hook', order: 'drop', delivery: 'd1' },
      { what: 'drain', within_ms: 1_000 },
      { what: 'drain' },
      { what: 'account', user: 'bob', before: 1, account: 2 },
      { what: 'garbage', items: 0 },
      { what: 'order', who: 'ina', order: 'stop', user: key.user, lab: key.lab },
    ].map((line) => ({ ...IDA, result: 'accepted', ...line })),
  );
});

test('so is what is refused, and what fails', async () => {
  const id = 'd1';
  target.command = () => Promise.reject(new FactoryError('WORKSPACE_IN_USE', 'Somebody is there.'));
  Object.assign(target.users, { accept: () => Promise.reject(new FactoryError('USER_UNKNOWN', 'no')) });
  const refused = (work: Promise<unknown>) => expect(work).rejects.toBeInstanceOf(FactoryError);
  await refused(client.tokens.create({ ...CAROLS, for_ms: 91 * 86_400_000 }, signal()));
  await refused(client.users.accept(user, signal()));
  await refused(client.order(key, { kind: 'stop', by: 'ina' }, signal()));
  expect(audited()).toMatchObject([
    {
      ...IDA,
      what: 'token',
      result: 'refused',
      code: 'REQUEST_INVALID',
      reason: expect.stringContaining('at most'),
    },
    { ...IDA, what: 'account', result: 'refused', code: 'USER_UNKNOWN', user: 'bob' },
    { ...IDA, who: 'ina', what: 'order', result: 'accepted' },
    { ...IDA, who: 'ina', what: 'order', result: 'refused', code: 'WORKSPACE_IN_USE' },
  ]);
  log.length = 0;
  const failure = new FactoryError('HOOKS_UNREADABLE', 'The disk is full.');
  Object.assign(target.hooks, {
    drop: () => {
      throw failure;
    },
  });
  await refused(client.hooks.drop(id, signal()));
  expect(audited()).toMatchObject([{ ...IDA, what: 'hook', order: 'drop', result: 'failed', delivery: id }]);
  // As `factory logs --error` looks for it.
  expect(log.filter((line) => line.includes(`"errorId":"${failure.id}"`))).toHaveLength(1);
});

test('no token is in it', async () => {
  const { token } = await client.tokens.create(CAROLS, signal());
  for (const part of token.split('.')) expect(log.join('')).not.toContain(part);
});

test('an order whose client hangs up has not failed', async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  target.command = async (_key, _command, _by, stop) => {
    resolve();
    await once(stop, 'abort');
    end();
    throw stop.reason;
  };
  const leave = new AbortController();
  const order = client.order(key, { kind: 'stop', by: 'ina' }, leave.signal).catch(() => {});
  await begun;
  leave.abort();
  await Promise.all([order, over]);
  await client.hooks.retry(undefined, signal());
  expect(audited()).toMatchObject([
    { what: 'order', result: 'accepted' },
    { what: 'hook', result: 'accepted' },
  ]);
});

test.each([
  ['nobody says who', {}, 'operator'],
  ['somebody says too much', { operator: 'x'.repeat(5_000) }, 'x'.repeat(255)],
])('where %s there is a name all the same', async (_what, headers, who) => {
  const plain = new Pool('http://factory', { socketPath: path });
  stack.defer(() => plain.close());
  await (await plain.request({ method: 'DELETE', path: '/drain', headers })).body.dump();
  expect(audited()).toMatchObject([{ ...IDA, who, what: 'drain', result: 'accepted' }]);
});
