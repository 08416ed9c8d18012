import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DockerEvent, EventRecorder } from './harness/event-recorder.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { CLUSTER_LAB, PLAIN_LAB } from './harness/factory-files.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 3_000;
/** How much later than the grace time a pause may come on a busy machine. */
const SLACK = 15_000;

/** Actions that change a container; exec and the like do not. */
const TOUCHES = ['create', 'start', 'restart', 'stop', 'kill', 'die', 'destroy', 'pause', 'unpause'];

describe('the last one out turns off the lights', () => {
  const stack = new AsyncDisposableStack();
  let recorder: EventRecorder;
  let factory: Factory;
  let instance: string;
  let alice: Student;
  let workspace: Workspace;
  const PAUSE: Partial<DockerEvent> = { user: 'alice', action: 'pause' };

  beforeAll(async () => {
    recorder = stack.use(await EventRecorder.start());
    const labs = { plain: PLAIN_LAB, k3s: CLUSTER_LAB };
    const groups = [
      { name: 'light', members: ['alice'], labs: ['plain'] },
      { name: 'heavy', members: ['carol'], labs: ['k3s'] },
    ];
    factory = stack.use(await Factory.start({ grace: `${GRACE}ms`, labs, groups }));
    instance = await factory.instance();
    alice = await factory.student('alice');
    workspace = new Workspace(factory, 'alice', 'plain');
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  async function pausedAfterGrace(goneAt: number): Promise<void> {
    const pause = await recorder.next(instance, PAUSE, goneAt, GRACE + SLACK);
    expect(pause.at - goneAt).toBeGreaterThanOrEqual(GRACE);
    await workspace.becomes('paused', 5_000);
  }

  test('a client killed with -9', async () => {
    await using session = await alice.hold();
    const goneAt = Date.now();
    await session.kill();
    await pausedAfterGrace(goneAt);
  });

  test('of two sessions the first out pauses nothing', async () => {
    await using first = await alice.hold();
    await using second = await alice.hold();
    const firstGoneAt = Date.now();
    await first.logOut();
    await recorder.none(instance, PAUSE, firstGoneAt, 2 * GRACE);

    const goneAt = Date.now();
    await second.logOut();
    await pausedAfterGrace(goneAt);
  });

  test('a new session within the grace time wins', async () => {
    await using first = await alice.hold();
    const firstGoneAt = Date.now();
    await first.logOut();
    await using second = await alice.hold();
    expect(Date.now() - firstGoneAt, 'the second came within the grace time').toBeLessThan(GRACE);
    await recorder.none(instance, PAUSE, firstGoneAt, 2 * GRACE);

    const goneAt = Date.now();
    await second.logOut();
    await pausedAfterGrace(goneAt);
  });

  test.for([-80, -40, -10, 0, 10, 40, 80])(
    'a session that comes %i ms after the end of the grace time wins',
    async (offset) => {
      await using first = await alice.hold();
      await first.kill();
      const goneAt = Date.now();
      await eventually(() => Date.now() >= goneAt + GRACE + offset, {
        what: 'the time',
        within: GRACE + 1_000,
        every: 2,
      });

      const cameAt = Date.now();
      await using second = await alice.hold();
      expect(await workspace.state()).toBe('running');
      await recorder.settled();
      const touches = recorder
        .of(instance, { user: 'alice' })
        .filter(({ action, at }) => at >= goneAt && TOUCHES.includes(action));
      // At most one pause, around the time the session came, and then its end.
      expect(touches.map(({ action }) => action)).toEqual(touches.length === 0 ? [] : ['pause', 'unpause']);
      const secondGoneAt = Date.now();
      expect(secondGoneAt - cameAt, 'the second did not wait long').toBeLessThan(10_000);
      await second.logOut();
      await pausedAfterGrace(secondGoneAt);
    },
  );

  test('a connection without any channel (-N) holds the workspace', async () => {
    await using tunnel = alice.connect(undefined, { args: ['-N', '-o', 'LogLevel=VERBOSE'] });
    await tunnel.shows('Authenticated to');
    const since = Date.now();
    await workspace.becomes('running', 20_000);
    await recorder.none(instance, PAUSE, since, 2 * GRACE);

    const goneAt = Date.now();
    await tunnel.kill();
    await pausedAfterGrace(goneAt);
  });

  test('a factory killed with -9 and started again suspends what runs, and touches nothing else', async () => {
    const carol = await factory.student('carol');
    const hers = new Workspace(factory, 'carol');
    await using session = await carol.hold();
    await clusterOfUse(carol);
    const before = (await hers.containers()).map(({ Id, State }) => [Id, State.StartedAt]).sort();

    const killedAt = Date.now();
    await factory.kill();
    await session.ended(10_000);
    await factory.startAgain();
    const nodePause = await recorder.next(
      instance,
      { user: 'carol', role: 'node', action: 'pause' },
      killedAt,
      GRACE + SLACK,
    );
    expect(nodePause.at - killedAt).toBeGreaterThanOrEqual(GRACE);
    await hers.becomes('paused', 10_000);

    await recorder.settled();
    const touches = recorder
      .of(instance, { user: 'carol' })
      .filter(({ action, at }) => at >= killedAt && TOUCHES.includes(action));
    expect(touches.map(({ role, action }) => `${role} ${action}`).sort()).toEqual([
      'container pause',
      'node pause',
    ]);
    expect((await hers.containers()).map(({ Id, State }) => [Id, State.StartedAt]).sort()).toEqual(before);
    // The same host key, or ssh would refuse.
    await using again = await carol.hold();
    await hers.becomes('running', 20_000);
    await again.logOut();
  });
});

describe('the factory itself is told to go', () => {
  test('SIGTERM: sessions are told why, and it exits with 0', async (context) => {
    await using factory = await Factory.start({ labs: { plain: PLAIN_LAB } });
    factory.showLogOnFailure(context);
    const alice = await factory.student('alice');
    await using window = alice.terminal();
    await window.shows(/\$ $/);

    const exit = factory.stop();
    await window.shows(/restart/i);
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(await window.ended()).not.toBe(0);
  });

  test('a second signal ends it at once', async (context) => {
    await using factory = await Factory.start({
      labs: { plain: PLAIN_LAB },
      config: { shutdown: { timeout: '60s' } },
    });
    factory.showLogOnFailure(context);
    const alice = await factory.student('alice');
    await using window = alice.terminal();
    await window.shows(/\$ $/);

    factory.signal('SIGTERM');
    await window.shows(/restart/i);
    expect(factory.running).toBe(true);
    factory.signal('SIGTERM');
    await factory.ended(2_000);
  });
});
