import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DELETE_AFTER, GRACE, Harness, key, lab, STOP_AFTER } from './testing/harness.ts';
import { runStory, story } from './testing/story.ts';

const LONG_ENOUGH = 240_000;

/** Of somebody whose workspace was of use, and who has just left it. */
async function justLeft(): Promise<Harness> {
  const harness = new Harness();
  harness.login();
  await harness.clock.advance(LONG_ENOUGH);
  harness.logout(0);
  return harness;
}

describe('workspaces, whatever happens', () => {
  // The long form is in test/model.
  test('are awake while somebody is there, and asleep after grace', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (each) => void (await runStory(each))),
      { numRuns: 300 },
    );
  });

  test('a session that comes during a suspend waits for that step and then resumes', async () => {
    const harness = await justLeft();
    const { clock, world } = harness;
    await clock.advance(GRACE + 20);
    harness.login();
    await clock.advance(5_000);
    expect(world.container.done.slice(-2)).toEqual(['suspend', 'resume']);
    expect([world.container.state, world.cluster.state, world.route]).toEqual([
      'running',
      'running',
      'awake',
    ]);
    harness.check();
  });

  test('a session that comes while the route goes to sleep finds its cluster running all the time', async () => {
    const harness = await justLeft();
    const { clock, world } = harness;
    // A route takes 60 ms.
    await clock.advance(GRACE + 30);
    harness.login();
    await clock.advance(5_000);
    expect(world.cluster.done).toEqual(['create']);
    expect([world.cluster.state, world.route, world.attached]).toEqual(['running', 'awake', true]);
    harness.check();
  });

  test.each([
    ['container', 20],
    // After its route, which takes 60 ms.
    ['cluster', 80],
  ] as const)(
    'who comes while a suspend of the %s is about to fail does not hear of it',
    async (part, late) => {
      const harness = await justLeft();
      const { clock, world } = harness;
      world[part].faults = ['fails'];
      await clock.advance(GRACE + late);
      harness.login();
      const [lease] = harness.leases;
      const waiting = AbortSignal.timeout(60_000);
      const ready = part === 'container' ? lease?.containerReady(waiting) : lease?.clusterReady(waiting);
      const outcome = ready?.then(
        () => 'ready',
        (error: unknown) => error,
      );
      await clock.advance(5_000);
      expect(await outcome).toBe('ready');
      expect(harness.events).toContainEqual(
        expect.objectContaining({ kind: 'step_failed', action: 'suspend' }),
      );
      harness.check();
    },
  );

  test('a lease that waits for a failing cluster gets the error, and the next attempt works', async () => {
    const harness = new Harness();
    harness.world.cluster.faults = ['fails'];
    harness.login();
    const [lease] = harness.leases;
    const first = lease?.clusterReady(AbortSignal.timeout(60_000)).catch((error: unknown) => error);
    await harness.clock.advance(9_000);
    expect(await first).toMatchObject({ code: 'DOCKER_FAILED' });
    await harness.clock.advance(LONG_ENOUGH);
    expect(lease?.clusterPhase()).toEqual({ kind: 'ready' });
  });

  test('a start that hangs is given up in its time, said so, and tried again', async () => {
    const harness = new Harness();
    const { clock, world } = harness;
    world.cluster.faults = ['hangs'];
    harness.login();
    await clock.advance(10_000);
    const phase = harness.leases[0]?.clusterPhase();
    if (phase?.kind !== 'working') throw new Error('it works on the cluster');
    const waited = harness.leases[0]
      ?.clusterReady(AbortSignal.timeout(60_000))
      .catch((error: unknown) => error);
    await clock.advance(phase.overdueAt - clock.now());
    expect(await waited).toMatchObject({ code: 'OVERDUE' });
    await clock.advance(LONG_ENOUGH);
    expect(world.cluster.state).toBe('running');
    harness.check();
  });
});

describe('the tiers', () => {
  test('an empty workspace is suspended, stopped, and in the end its cluster deleted, which is announced once', async () => {
    const harness = await justLeft();
    const { clock, world } = harness;
    const states = () => [world.container.state, world.cluster.state];
    await clock.advance(GRACE - 1);
    expect(states()).toEqual(['running', 'running']);
    await clock.advance(1_000);
    expect(states()).toEqual(['suspended', 'suspended']);
    await clock.advance(STOP_AFTER);
    expect(states()).toEqual(['stopped', 'stopped']);
    await clock.advance(DELETE_AFTER / 2);
    await harness.crash(false);
    await clock.advance(DELETE_AFTER / 2 + GRACE);
    expect(states()).toEqual(['stopped', 'absent']);
    expect(world.home).toBe('present');
    harness.login();
    expect(harness.leases[0]?.lifecycleNews().deletedAt).toBeDefined();
    expect(harness.leases[0]?.lifecycleNews().deletedAt).toBeUndefined();
  });

  test.each([
    ['while the host sleeps', (harness: Harness) => harness.clock.freeze(2 * DELETE_AFTER)],
    ['while no factory runs', (harness: Harness) => harness.crash(false, 2 * DELETE_AFTER)],
  ])('a deletion that was to be announced %s is announced first, once', async (_when, goes) => {
    const harness = await justLeft();
    const { clock, world } = harness;
    await clock.advance(GRACE + STOP_AFTER + LONG_ENOUGH);
    world.lookTakes = 50;
    await goes(harness);
    // Docker tells of something before the timer fires.
    harness.wake();
    const awake = clock.now();
    await clock.advance(GRACE - 1);
    expect(world.cluster.state).toBe('stopped');
    await clock.advance(DELETE_AFTER);
    expect(world.cluster.state).toBe('absent');
    const announced = harness.events.flatMap((event) =>
      event.kind === 'deletion_ahead' ? [[event.at, event.deleteAt]] : [],
    );
    expect(announced).toHaveLength(1);
    expect(announced[0]?.[0]).toBeLessThan(awake + 1_000);
    harness.check();
  });

  test('a host that sleeps over a deletion has it half of its time after it woke', async () => {
    const harness = await justLeft();
    const { clock, world } = harness;
    await clock.advance(GRACE + STOP_AFTER + LONG_ENOUGH);
    clock.freeze(2 * DELETE_AFTER);
    await clock.advance(DELETE_AFTER / 2 - 1);
    expect(world.cluster.state).toBe('stopped');
    // The announced time holds over a restart of the factory.
    await harness.crash(false, 1);
    await clock.advance(GRACE + LONG_ENOUGH);
    expect(world.cluster.state).toBe('absent');
  });

  test('the time that nobody came is counted over a restart of the factory', async () => {
    const harness = await justLeft();
    const { clock, world } = harness;
    await clock.advance(GRACE + STOP_AFTER / 2);
    await harness.crash(false);
    await clock.advance(STOP_AFTER / 2 + GRACE);
    expect(world.cluster.state).toBe('stopped');
  });

  test('what runs when the factory starts is suspended first, however long none ran', async () => {
    const harness = await justLeft();
    const { clock, world } = harness;
    await harness.crash(false, 2 * STOP_AFTER);
    await clock.advance(GRACE + 1_000);
    expect([world.container.state, world.cluster.state]).toEqual(['suspended', 'suspended']);
  });

  test('a pin keeps it awake until its time, and over a restart of the factory', async () => {
    const harness = new Harness();
    const { clock, world } = harness;
    harness.command({ kind: 'pin', until: clock.now() + 10 * GRACE });
    await clock.advance(5 * GRACE);
    expect(world.cluster.state).toBe('running');
    await harness.crash(false);
    await clock.advance(4 * GRACE);
    expect(world.cluster.state).toBe('running');
    await clock.advance(3 * GRACE);
    expect(world.cluster.state).toBe('suspended');
  });

  test('a host that is short of memory has the suspended stopped, and nobody else', async () => {
    const harness = new Harness();
    const { clock, world } = harness;
    harness.shortage = true;
    harness.login();
    await clock.advance(10 * LONG_ENOUGH);
    expect(world.cluster.state).toBe('running');
    harness.logout(0);
    await clock.advance(GRACE + 10 * 60_000);
    expect([world.container.state, world.cluster.state]).toEqual(['stopped', 'stopped']);
    expect(harness.events.filter(({ kind }) => kind === 'memory_pressure')).toHaveLength(1);
    expect(harness.events).toContainEqual(
      expect.objectContaining({ kind: 'step_done', action: 'stop', cause: { kind: 'memory_pressure' } }),
    );
  });
});

describe('commands', () => {
  test('a deletion takes all but the home; with home, that as well', async () => {
    const harness = new Harness();
    const { clock, world } = harness;
    harness.login();
    await clock.advance(LONG_ENOUGH);
    harness.command({ kind: 'delete', home: false, endSessions: true });
    await clock.advance(LONG_ENOUGH);
    expect([world.container.state, world.cluster.state, world.home]).toEqual(['absent', 'absent', 'present']);
    harness.login();
    await clock.advance(LONG_ENOUGH);
    harness.command({ kind: 'delete', home: true, endSessions: true });
    await clock.advance(LONG_ENOUGH);
    expect([world.container.state, world.cluster.state, world.home]).toEqual(['absent', 'absent', 'absent']);
    harness.check();
  });

  test('a start wakes it, and the grace time begins then', async () => {
    const harness = new Harness();
    const { clock, world } = harness;
    harness.command({ kind: 'start' });
    await clock.advance(20_000);
    expect(world.cluster.state).toBe('running');
    await clock.advance(GRACE - 15_000);
    expect(world.cluster.state).toBe('running');
    await clock.advance(20_000);
    expect(world.cluster.state).toBe('suspended');
  });

  test('of a workspace that is not there nothing can be asked but to be made', async () => {
    const harness = new Harness();
    const { workspaces } = harness;
    const signal = AbortSignal.timeout(60_000);
    await expect(
      workspaces.command(key, { kind: 'suspend', endSessions: false }, 'operator', signal),
    ).rejects.toMatchObject({ code: 'WORKSPACE_UNKNOWN' });
    expect(harness.events).toEqual([]);
  });
});

describe('a lab without a cluster', () => {
  const without = { ...lab, cluster: undefined };

  test('has neither a cluster nor a route, whatever happens to its container', async () => {
    const harness = new Harness(without);
    harness.login();
    await harness.clock.advance(LONG_ENOUGH);
    expect(harness.leases[0]?.clusterPhase()).toEqual({ kind: 'none' });
    expect(harness.world.container.state).toBe('running');
    harness.reset('container');
    await harness.clock.advance(LONG_ENOUGH);
    harness.logout(0);
    await harness.clock.advance(GRACE + STOP_AFTER + LONG_ENOUGH);
    expect(harness.world.container.state).toBe('stopped');
    expect(harness.world.cluster.state).toBe('absent');
    expect([harness.world.cluster.done, harness.world.route]).toEqual([[], undefined]);
  });

  test('puts a cluster to sleep that it had before, though somebody is there', async () => {
    const harness = new Harness();
    harness.login();
    await harness.clock.advance(LONG_ENOUGH);
    harness.lab = without;
    await harness.crash(false);
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
