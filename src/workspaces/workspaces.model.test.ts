import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIFECYCLE } from '../config/lifecycle-values.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { World } from './testing/world.ts';
import type { Lease } from './workspace-access.ts';
import { Workspaces } from './workspaces.ts';

const GRACE = 60_000;
const STOP_AFTER = 1_800_000;
/** Longer than the longest chain of steps and back-offs that a run can leave behind. */
const LONG_ENOUGH = 240_000;

const user = parseUsername('alice');
const labName = parseLabName('k3s');
if (user === undefined || labName === undefined) throw new Error('names');
const key = { user, lab: labName };
const limits = { memory: 1, cpus: 1, pids: 1 };
const lab: LabDefinition = {
  name: labName,
  description: '',
  folder: '/nowhere',
  container: { image: 'image', user: 'lab', env: {}, limits },
  cluster: {
    image: undefined,
    agents: 0,
    limits,
    env: [],
    options: { k3s: { extraArgs: [], nodeLabels: [] } },
    startTimeout: 60_000,
  },
  lifecycle: { ...DEFAULT_LIFECYCLE, grace: GRACE, stopAfter: STOP_AFTER },
};

/** A factory over the world; the world outlives it, as Docker does. */
class Harness {
  readonly clock = new VirtualClock();
  readonly world = new World(this.clock);
  lab = lab;
  leases: Lease[] = [];
  /** When the last lease went, or the factory was started again. */
  emptySince = this.clock.now();
  #workspaces = this.#boot();

  #boot(): Workspaces {
    return new Workspaces({
      ports: {
        runtime: this.world.runtime(key),
        clusters: this.world.clusters(key),
        routes: this.world.routes(),
      },
      labs: { get: () => this.lab },
      defaultLifecycle: lab.lifecycle,
      urls: () => ({ http: '', https: '' }),
      clock: this.clock,
      logger: pino({ level: 'silent' }),
    });
  }

  login(): void {
    this.leases.push(this.#workspaces.lease(key, { clientAddress: '192.0.2.1:1', clientProgram: 'test' }));
  }

  logout(which: number): void {
    const [lease] = this.leases.splice(which % Math.max(1, this.leases.length), 1);
    lease?.release();
    if (lease !== undefined && this.leases.length === 0) this.emptySince = this.clock.now();
  }

  wake(): void {
    this.#workspaces.wake(key);
  }

  /** What the status says of the workspace. */
  snapshot() {
    return this.#workspaces.snapshots()[0];
  }

  reset(): void {
    this.leases[0]?.resetContainer(AbortSignal.timeout(60_000)).catch(() => {});
  }

  /** kill -9: whatever is under way stays half done, all connections are gone, a new factory finds what exists. */
  async crash(): Promise<void> {
    await Promise.all([this.#workspaces.close(), this.clock.advance(20_000)]);
    this.leases = [];
    this.emptySince = this.clock.now();
    this.#workspaces = this.#boot();
    await this.#workspaces.adopt(AbortSignal.timeout(60_000));
  }

  /** Suspending before the grace time is over is the one thing that must never be seen. */
  checkNothingSuspendedTooEarly(from: number): void {
    const early = this.world.log
      .slice(from)
      .filter(({ what, at }) => (what === 'suspend' || what === 'stop') && at < this.emptySince + GRACE);
    if (this.leases.length > 0 || early.length > 0) expect(early).toEqual([]);
  }
}

type Action =
  | { readonly do: 'login' | 'crash' | 'wake' | 'reset' }
  | { readonly do: 'logout'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'fail'; readonly part: 'container' | 'cluster'; readonly times: number }
  | {
      readonly do: 'outside';
      readonly part: 'container' | 'cluster';
      readonly to: 'stopped' | 'suspended' | 'absent';
    };

const part = fc.constantFrom('container' as const, 'cluster' as const);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'login' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('logout' as const), which: fc.nat(3) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat(500), fc.nat(90_000)) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail' as const), part, times: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('outside' as const),
      part,
      to: fc.constantFrom('stopped' as const, 'suspended' as const, 'absent' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ do: 'crash' as const }, { do: 'wake' as const }, { do: 'reset' as const }),
  },
);

async function perform(harness: Harness, step: Action): Promise<void> {
  switch (step.do) {
    case 'login':
      return harness.login();
    case 'logout':
      return harness.logout(step.which);
    case 'wait':
      return harness.clock.advance(step.ms);
    case 'fail':
      harness.world[step.part].failNext = step.times;
      return;
    case 'outside':
      if (harness.world[step.part].state !== 'running') return;
      harness.world[step.part].state = step.to;
      return harness.wake();
    case 'wake':
      return harness.wake();
    case 'reset':
      return harness.reset();
    case 'crash':
      return harness.crash();
  }
}

describe('workspaces, whatever happens', () => {
  test('are awake while somebody is there, and asleep after grace; no step overlaps or comes too early', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), fc.boolean(), async (actions, someoneStays) => {
        const harness = new Harness();
        for (const step of actions) {
          const from = harness.world.log.length;
          await perform(harness, step);
          harness.checkNothingSuspendedTooEarly(from);
        }
        const { world, clock } = harness;
        world.container.failNext = 0;
        world.cluster.failNext = 0;

        if (someoneStays) {
          harness.login();
          await clock.advance(LONG_ENOUGH);
          expect([world.container.state, world.cluster.state, world.route, world.attached]).toEqual([
            'running',
            'running',
            'awake',
            true,
          ]);
        }
        expect(harness.snapshot()?.leases.length ?? 0).toBe(harness.leases.length);
        while (harness.leases.length > 0) harness.logout(0);
        await clock.advance(GRACE + LONG_ENOUGH);
        expect(['running', 'incomplete']).not.toContain(world.cluster.state);
        expect(world.container.state).not.toBe('running');
        await clock.advance(STOP_AFTER + LONG_ENOUGH);
        expect(world.cluster.state).toMatch(/^(stopped|absent)$/);
        expect(world.container.state).toMatch(/^(stopped|absent|incomplete)$/);
        expect(world.violations).toEqual([]);
        const told = harness.snapshot();
        expect(told?.cluster?.observed?.state ?? 'absent').toBe(world.cluster.state);
        expect(told?.container.observed?.state ?? 'absent').toBe(
          world.container.state === 'incomplete' ? 'absent' : world.container.state,
        );
      }),
      { numRuns: Number(process.env.MODEL_RUNS ?? 150) },
    );
  });

  test('a session that comes during a suspend waits for that step and then resumes', async () => {
    const harness = new Harness();
    harness.login();
    await harness.clock.advance(LONG_ENOUGH);
    harness.logout(0);
    await harness.clock.advance(GRACE);
    expect(harness.world.log.at(-1)).toMatchObject({ part: 'container', what: 'suspend' });
    harness.login();
    await harness.clock.advance(5_000);
    expect(harness.world.container.state).toBe('running');
    expect(harness.world.cluster.state).toBe('running');
    expect(harness.world.route).toBe('awake');
    expect(harness.world.violations).toEqual([]);
  });

  test('a lease that waits for a failing cluster gets the error, and the next attempt works', async () => {
    const harness = new Harness();
    harness.world.cluster.failNext = 1;
    harness.login();
    const [lease] = harness.leases;
    const first = lease?.clusterReady(AbortSignal.timeout(60_000)).catch((error: unknown) => error);
    await harness.clock.advance(9_000);
    expect(await first).toMatchObject({ code: 'DOCKER_FAILED' });
    await harness.clock.advance(LONG_ENOUGH);
    expect(lease?.clusterPhase()).toEqual({ kind: 'ready' });
  });
});

describe('a lab without a cluster', () => {
  const without = { ...lab, cluster: undefined };

  test('has neither a cluster nor a route, whatever happens to its container', async () => {
    const harness = new Harness();
    harness.lab = without;
    harness.login();
    await harness.clock.advance(LONG_ENOUGH);
    expect(harness.leases[0]?.clusterPhase()).toEqual({ kind: 'none' });
    expect(harness.world.container.state).toBe('running');
    harness.reset();
    await harness.clock.advance(LONG_ENOUGH);
    harness.logout(0);
    await harness.clock.advance(GRACE + STOP_AFTER + LONG_ENOUGH);
    expect(harness.world.container.state).toBe('stopped');
    expect(harness.world.cluster.state).toBe('absent');
    expect(harness.world.log.filter(({ part }) => part !== 'container')).toEqual([]);
  });

  test('puts a cluster to sleep that it had before, though somebody is there', async () => {
    const harness = new Harness();
    harness.login();
    await harness.clock.advance(LONG_ENOUGH);
    harness.lab = without;
    await harness.crash();
    harness.login();
    await harness.clock.advance(LONG_ENOUGH);
    const { world } = harness;
    expect([world.container.state, world.cluster.state, world.route]).toEqual([
      'running',
      'stopped',
      'asleep',
    ]);
    expect(world.violations).toEqual([]);
  });
});
