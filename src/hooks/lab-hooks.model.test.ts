import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf } from '../history/testing/some-event.ts';
import { createLogger } from '../logging/logger.ts';
import { openDatabase } from '../sqlite/database-file.ts';
import { migrate } from '../sqlite/migrate.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { Courier } from './courier.ts';
import { NO_FAULTS } from './fault-points.ts';
import { HookLedger } from './hook-ledger.ts';
import { HOOKS_MIGRATIONS } from './hooks-schema.ts';
import { LabHooks } from './lab-hooks.ts';
import type { HookRequest, HookResponse } from './post-hook.ts';
import { labWith, sessionOf } from './testing/hooks-under-test.ts';

const DAY = 86_400_000;
const USERS = Array.from({ length: 12 }, (_, index) => `user${index}`);
const GRACE = { kind: 'time', after: 'grace' } as const;

interface Call {
  readonly user: string;
  readonly id: string;
  readonly type: string;
  readonly configuration: string | null;
  /** Of a try that it took for good. */
  isTaken: boolean;
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
    const call: Call = { user, id: delivery.id, type, configuration, isTaken: false };
    this.calls.push(call);
    if (this.#underWay.includes(user)) this.mistakes.push(`${user} has two calls under way`);
    this.#underWay.push(user);
    if (this.#underWay.length > 8) this.mistakes.push('more than eight calls are under way');
    const { status } = this;
    await this.clock.delay(300);
    this.#underWay.splice(this.#underWay.indexOf(user), 1);
    call.isTaken = status === 200;
    if (status === 0) throw new Error('down');
    return { status, header: () => undefined, body: '' };
  }
}

/** What one user does next, or what becomes of the receiver, or that time passes. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('come', 'go', 'grace', 'delete'),
      user: fc.constantFrom(...USERS),
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
  const taken = own.filter(({ isTaken }) => isTaken);
  if (new Set(taken.map(({ id }) => id)).size !== taken.length) mistakes.push(`${user}: one was taken twice`);
  const cleanups = collapsed.filter(({ type }) => type === 'cleanup');
  if (new Set(cleanups.map(({ configuration }) => configuration)).size !== cleanups.length) {
    mistakes.push(`${user}: two cleanups of one configuration`);
  }
  for (const { configuration } of cleanups) {
    const first = collapsed.find((call) => call.configuration === configuration);
    if (first?.type !== 'initialization')
      mistakes.push(`${user}: a cleanup without its initialization before it`);
  }
}
