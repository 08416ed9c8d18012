import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOf } from '../history/testing/some-event.ts';
import { createLogger } from '../logging/logger.ts';
import { openDatabase } from '../sqlite/database-file.ts';
import { migrate } from '../sqlite/migrate.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { Courier } from './delivery/courier.ts';
import type { HookRequest, HookResponse } from './delivery/post-hook.ts';
import { LabHooks } from './lab-hooks.ts';
import { NO_FAULTS } from './ledger/fault-points.ts';
import { HookLedger } from './ledger/hook-ledger.ts';
import { HOOKS_MIGRATIONS } from './ledger/hooks-schema.ts';
import { labWith, sessionOf } from './testing/hooks-under-test.ts';

const DAY = 86_400_000;
const USERS = Array.from({ length: 12 }, (_, index) => `user${index}`);
const GRACE = { kind: 'time', after: 'grace' } as const;

interface Call {
  readonly user: string;
  readonly id: string;
  readonly type: string;
  readonly configuration: string | null;
  /** What it was answered; 0: nothing. */
  readonly status: number;
}

/** A receiver whose mood changes, on a clock that is moved by hand. */
class World {
  readonly clock = new VirtualClock();
  readonly calls: Call[] = [];
  readonly mistakes: string[] = [];
  readonly hooks: LabHooks;
  readonly lab = labWith('http://receiver', undefined, { timeout: 10_000 });
  status = 200;
  #underWay: string[] = [];

  constructor() {
    const database = openDatabase(':memory:', {});
    migrate(database, HOOKS_MIGRATIONS, this.clock.now());
    const { clock, lab } = this;
    const common = { clock, faults: NO_FAULTS, logger: createLogger('silent', []), resolve: () => lab };
    const ledger = new HookLedger({
      ...common,
      database,
      standingOf: () => ({ groups: [], role: 'student' }),
      hostOf: () => 'host',
    });
    this.hooks = new LabHooks({
      ...common,
      database,
      ledger,
      courier: (onInitialized) =>
        new Courier({
          ...common,
          ledger,
          onInitialized,
          events: { emit: () => {} },
          giveUpAfter: DAY,
          version: '1',
          random: () => 0.5,
          post: (request) => this.#post(request),
        }),
    });
  }

  async #post({ body }: HookRequest): Promise<HookResponse> {
    const { username: user, delivery, type, configuration_id: configuration } = JSON.parse(body);
    const call: Call = { user, id: delivery.id, type, configuration, status: this.status };
    this.calls.push(call);
    if (this.#underWay.includes(user)) this.mistakes.push(`${user} has two calls under way`);
    this.#underWay.push(user);
    if (this.#underWay.length > 8) this.mistakes.push('more than eight calls are under way');
    await this.clock.delay(300);
    this.#underWay.splice(this.#underWay.indexOf(user), 1);
    const { status } = call;
    if (status === 0) throw new Error('down');
    return { status, header: () => undefined, body: '' };
  }
}

/** Mostly two of them, so that much happens to each. */
const anyUser = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('user0', 'user1') },
  { weight: 1, arbitrary: fc.constantFrom(...USERS) },
);

/** What one user does next, or what becomes of the receiver, or that time passes. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('come', 'go', 'grace', 'delete'),
      user: anyUser,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('status'),
      status: fc.constantFrom(200, 200, 200, 500, 0, 403, 410),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(10, 500, 20_000, 400_000, DAY) }),
  },
);

test('whatever people do and the receiver is like: in order, one at a time, at most one cleanup, and all in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = new World();
      const { hooks, clock, lab } = world;
      const there = new Map<string, number>();
      let count = 0;
      for (const one of steps) {
        if ('ms' in one) await clock.advance(one.ms);
        else if ('status' in one) world.status = one.status;
        else {
          const key = keyOf(one.user, 'k3s');
          const session = there.get(one.user);
          if (one.kind === 'come' && session === undefined) {
            count += 1;
            there.set(one.user, count);
            hooks.configure(key, lab, sessionOf(String(count)), new AbortController().signal).catch(() => {});
            hooks.sessionBegan(key, lab, sessionOf(String(count)), true);
          } else if (one.kind === 'go' && session !== undefined) {
            there.delete(one.user);
            hooks.sessionEnded(key, lab, sessionOf(String(session)), 'closed', true);
          } else if (one.kind === 'grace' && session === undefined) hooks.graceOver(key, lab, GRACE);
          else if (one.kind === 'delete' && session === undefined) hooks.deleted(key, lab);
        }
      }
      world.status = 200;
      await clock.advance(DAY);
      expect(hooks.office.list(1).waiting).toBe(0);
      for (const user of USERS) await lookAt(world, user);
      expect(world.mistakes).toEqual([]);
      await hooks[Symbol.asyncDispose]();
    }),
    { numRuns: 150 },
  );
});

async function lookAt({ calls, mistakes }: World, user: string): Promise<void> {
  const own = calls.filter((call) => call.user === user);
  const collapsed = own.filter(({ id }, index) => id !== own[index - 1]?.id);
  if (new Set(collapsed.map(({ id }) => id)).size !== collapsed.length) {
    mistakes.push(`${user}: one came again after its followers`);
  }
  const taken = own.filter(({ status }) => status === 200);
  if (new Set(taken.map(({ id }) => id)).size !== taken.length) mistakes.push(`${user}: one was taken twice`);
  const cleanups = collapsed.filter(({ type }) => type === 'cleanup');
  if (new Set(cleanups.map(({ configuration }) => configuration)).size !== cleanups.length) {
    mistakes.push(`${user}: two cleanups of one configuration`);
  }
  for (const { configuration } of cleanups) {
    const ofIt = own.filter((call) => call.configuration === configuration);
    const last = ofIt.findLast(({ type }) => type === 'initialization');
    if (ofIt[0]?.type !== 'initialization') mistakes.push(`${user}: a cleanup before its initialization`);
    if (last?.status === 403 || last?.status === 410) mistakes.push(`${user}: a cleanup of what was refused`);
  }
}

describe('a workspace that is left while its initialization is still tried', () => {
  async function left(): Promise<World> {
    const world = new World();
    const { hooks, lab } = world;
    const key = keyOf('alice', 'k3s');
    world.status = 500;
    hooks.configure(key, lab, sessionOf('s'), new AbortController().signal).catch(() => {});
    hooks.graceOver(key, lab, GRACE);
    await world.clock.advance(1_000);
    return world;
  }
  const typesOf = ({ calls }: World) =>
    [...new Set(calls.map(({ type, id }) => `${type} ${id}`))].map((one) => one.split(' ')[0]);

  test('has a cleanup when that is taken in the end', async () => {
    const world = await left();
    world.status = 200;
    await world.clock.advance(60_000);
    expect(typesOf(world)).toEqual(['initialization', 'cleanup']);
  });

  test('has none when that is refused in the end', async () => {
    const world = await left();
    world.status = 403;
    await world.clock.advance(60_000);
    world.status = 200;
    await world.clock.advance(60_000);
    expect(typesOf(world)).toEqual(['initialization']);
    expect(world.hooks.office.list(1)).toEqual({ waiting: 0, given_up: 0, hooks: [] });
  });

  test('has one, and no other, when that is given up', async () => {
    const world = await left();
    await world.clock.advance(DAY - 60_000);
    const given = () => world.hooks.office.list(0).given_up;
    for (let looks = 0; given() === 0 && looks < 2_000; looks++) await world.clock.advance(1_000);
    expect(world.hooks.office.list(9)).toMatchObject({ waiting: 1, given_up: 1 });
    world.status = 200;
    await world.clock.advance(DAY);
    expect(typesOf(world)).toEqual(['initialization', 'cleanup']);
  });
});
