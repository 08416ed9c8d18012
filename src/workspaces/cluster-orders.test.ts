import { describe, expect, test } from 'vitest';
import { parseNodeName } from '../names/node-name.ts';
import { GRACE, Harness, key, lab } from './testing/harness.ts';
import type { WorkspaceCommand } from './workspace-command.ts';

const LONG_ENOUGH = 240_000;
const agent = parseNodeName('agent-0');
if (agent === undefined) throw new Error('a node name');

/** Somebody is there, and all of it runs. */
async function occupied(definition = lab): Promise<Harness> {
  const harness = new Harness(definition);
  harness.login();
  await harness.clock.advance(LONG_ENOUGH);
  return harness;
}

/** What came of a command, and nothing while it goes on. */
function give({ workspaces }: Harness, command: WorkspaceCommand) {
  const answer: { error?: unknown; done?: true } = {};
  workspaces.command(key, command, 'alice', AbortSignal.timeout(60_000)).then(
    () => Object.assign(answer, { done: true }),
    (error: unknown) => Object.assign(answer, { error }),
  );
  return answer;
}

describe('an order for the cluster alone', () => {
  test.for([
    ['cluster_suspend', 'suspended', 'suspend'],
    ['cluster_stop', 'stopped', 'stop'],
    ['cluster_delete', 'absent', 'delete'],
  ] as const)('%s makes it %s, and the session stays', async ([kind, state, order]) => {
    const harness = await occupied();
    const { clock, world, leases } = harness;
    const answer = give(harness, { kind });
    await clock.advance(5_000);
    expect(answer).toEqual({ done: true });
    expect([world.cluster.state, world.container.state, world.route]).toEqual([state, 'running', 'asleep']);
    expect(leases[0]?.clusterPhase()).toEqual({ kind: 'down', order, by: 'alice' });
    expect(harness.snapshot()?.clusterOrder).toEqual({ order, by: 'alice' });
    await clock.advance(10 * GRACE);
    expect(world.cluster.state).toBe(state);
  });

  test('who waits for the cluster then is told why there is none', async () => {
    const harness = await occupied();
    give(harness, { kind: 'cluster_stop' });
    await harness.clock.advance(5_000);
    const waited = harness.leases[0]?.clusterReady(AbortSignal.timeout(60_000));
    await expect(waited).rejects.toMatchObject({ code: 'CLUSTER_ASLEEP' });
  });

  test('cluster_start brings it back, and says so when it is of use', async () => {
    const harness = await occupied();
    give(harness, { kind: 'cluster_stop' });
    await harness.clock.advance(5_000);
    const answer = give(harness, { kind: 'cluster_start' });
    await harness.clock.advance(100);
    expect(answer).toEqual({});
    await harness.clock.advance(5_000);
    expect(answer).toEqual({ done: true });
    expect(harness.leases[0]?.clusterPhase()).toEqual({ kind: 'ready' });
  });

  test('while it starts, an authority that tries its host gets there already, and no longer where it does not come up', async () => {
    const harness = await occupied();
    const { clock, world } = harness;
    give(harness, { kind: 'cluster_stop' });
    await clock.advance(5_000);
    expect(world.route).toBe('asleep');
    world.cluster.faults = ['fails'];
    give(harness, { kind: 'cluster_start' });
    await clock.advance(1_000);
    expect(world.route).toBe('starting');
    await clock.advance(3_200);
    give(harness, { kind: 'cluster_stop' });
    await clock.advance(1_000);
    expect([world.cluster.state, world.route]).toEqual(['stopped', 'asleep']);

    give(harness, { kind: 'cluster_start' });
    await clock.advance(LONG_ENOUGH);
    expect(world.route).toBe('awake');
    expect(world.violations).toEqual([]);
  });

  test.for([0, 10, 30, 59, 61, 200, 459, 461, 700])(
    'a session that comes %i ms after it finds the cluster on its way back, and the one who stopped it is told',
    async (ms) => {
      const harness = await occupied();
      const { clock, world } = harness;
      const answer = give(harness, { kind: 'cluster_stop' });
      await clock.advance(ms);
      harness.login();
      await clock.advance(LONG_ENOUGH);
      expect([world.cluster.state, world.route, world.attached]).toEqual(['running', 'awake', true]);
      const wasDown = world.cluster.done.includes('stop') && ms > 460;
      if (wasDown) expect(answer).toEqual({ done: true });
      else expect(answer.error).toMatchObject({ code: 'WORKSPACE_IN_USE' });
      expect(world.violations).toEqual([]);
    },
  );

  test('it is over with the workspace: the next session finds all of it awake', async () => {
    const harness = await occupied();
    const { clock, world } = harness;
    give(harness, { kind: 'cluster_stop' });
    await clock.advance(5_000);
    harness.logout(0);
    await clock.advance(GRACE + 5_000);
    expect([world.container.state, world.cluster.state]).toEqual(['suspended', 'stopped']);
    harness.login();
    await clock.advance(LONG_ENOUGH);
    expect([world.container.state, world.cluster.state]).toEqual(['running', 'running']);
  });

  test('where nobody is, cluster_start wakes all of it, and the grace time follows', async () => {
    const harness = new Harness();
    const { clock, world } = harness;
    const answer = give(harness, { kind: 'cluster_start' });
    await clock.advance(20_000);
    expect(answer).toEqual({ done: true });
    expect([world.container.state, world.cluster.state]).toEqual(['running', 'running']);
    await clock.advance(GRACE + 5_000);
    expect([world.container.state, world.cluster.state]).toEqual(['suspended', 'suspended']);
  });

  test('a lab without a cluster has none to order about, and nothing is told as if it had', async () => {
    const harness = await occupied({ ...lab, cluster: undefined });
    for (const kind of ['cluster_start', 'cluster_stop'] as const) {
      const answer = give(harness, { kind });
      await harness.clock.advance(10);
      expect(answer.error).toMatchObject({ code: 'LAB_WITHOUT_CLUSTER' });
    }
    expect(harness.events.filter((event) => event.kind === 'commanded')).toEqual([]);
  });
});

describe('an agent that is taken down', () => {
  test('is taken down while the cluster runs, and no step of it begins meanwhile', async () => {
    const harness = await occupied();
    const { clock, world } = harness;
    const taken = give(harness, { kind: 'node_stop', node: agent });
    const stopped = give(harness, { kind: 'cluster_stop' });
    await clock.advance(1_000);
    expect([taken, world.cluster.state]).toEqual([{}, 'running']);
    await clock.advance(5_000);
    expect([taken, stopped, world.cluster.state]).toEqual([{ done: true }, { done: true }, 'stopped']);
    expect(world.violations).toEqual([]);
  });

  test('of a cluster that is stopped there is none to take down', async () => {
    const harness = await occupied();
    give(harness, { kind: 'cluster_stop' });
    await harness.clock.advance(5_000);
    const answer = give(harness, { kind: 'node_stop', node: agent });
    await harness.clock.advance(100);
    expect(answer.error).toMatchObject({ code: 'CLUSTER_NOT_READY' });
    expect(harness.leases[0]?.clusterPhase()).toMatchObject({ kind: 'down' });
  });
});
