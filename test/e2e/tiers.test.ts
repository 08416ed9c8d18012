import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { recordedEventSchema } from '../../src/history/event-schema.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB } from './harness/factory-files.ts';
import { clusterOfUse, kubectl } from './harness/kubectl.ts';
import { Workspace } from './harness/workspace.ts';

async function eventsOf(factory: Factory, workspace: string) {
  const { stdout } = await runFactory(factory.folder, ['events', workspace, '--json']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return z.array(recordedEventSchema).parse(lines.map((line) => JSON.parse(line)));
}

// Side by side: they wait for most of their time, each on a factory of its own.
describe.concurrent('a cluster to which nobody comes', () => {
  let factory: Factory;
  beforeAll(async () => {
    const lifecycle = { grace: '2s', stop_after: '2s', delete_after: '20s' };
    factory = await Factory.start({ labs: { k3s: CLUSTER_LAB }, config: { lifecycle } });
  });
  afterAll(() => factory[Symbol.asyncDispose]());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('is announced to be deleted, is deleted, and its owner is told; home and container stay', async () => {
    const alice = await factory.student('alice');
    const hers = new Workspace(factory, 'alice');
    const first = await alice.hold();
    await clusterOfUse(alice);
    await kubectl(alice, 'create configmap mine --from-literal=a=b');
    await alice.run('echo kept > ~/note; echo kept | sudo tee /opt/note >/dev/null');
    await first.logOut();

    await eventually(async () => (await hers.containers('node')).length === 0, {
      what: 'the cluster to be deleted',
      within: 180_000,
    });
    await hers.becomes('exited');
    // The containers are gone before the factory has been told so.
    const { events, last } = await eventually(
      async () => {
        const events = await eventsOf(factory, 'alice/k3s');
        const last = events.findLast((event) => 'part' in event && event.part === 'cluster');
        return last !== undefined && 'to' in last && last.to === 'absent' && { events, last };
      },
      { what: 'the deletion among the events' },
    );
    expect(last).toMatchObject({
      kind: 'step_done',
      action: 'remove',
      from: 'stopped',
      to: 'absent',
      cause: { kind: 'time', after: 'delete_after' },
    });
    expect(events.filter(({ kind }) => kind === 'deletion_ahead')).toHaveLength(1);

    await using window = alice.terminal();
    await window.shows(/its cluster was deleted on/);
    await window.shows(/If nobody comes for/);
    await clusterOfUse(alice);
    expect(await alice.run('cat ~/note /opt/note')).toBe('kept\nkept');
    await expect(kubectl(alice, 'get configmap mine')).rejects.toThrow(/not ?found/i);
  });
});

describe.concurrent('a host that is short of memory', () => {
  let factory: Factory;
  beforeAll(async () => {
    factory = await Factory.start({
      labs: { plain: PLAIN_LAB },
      config: { lifecycle: { grace: '1s', stop_after: 'never' } },
      // More than any host has.
      clusters: { min_free_memory: '9999Ti' },
    });
  });
  afterAll(() => factory[Symbol.asyncDispose]());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('has the workspaces stopped that are suspended for the longest time, and none that somebody is in', async () => {
    const [alice, bob, carol] = await Promise.all(
      ['alice', 'bob', 'carol'].map((name) => factory.student(name)),
    );
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three students');
    const workspaces = ['alice', 'bob', 'carol'].map((name) => new Workspace(factory, name, 'plain'));
    const [hers, his, carols] = workspaces;
    await using stays = await carol.hold();
    await alice.run('true');
    // It is stopped as soon as that is noticed, so nobody may ever see it paused.
    await eventually(async () => (await hers?.state()) !== 'running', { what: 'alice is suspended' });
    await bob.run('true');
    await hers?.becomes('exited');
    await his?.becomes('exited');

    expect(await carols?.state()).toBe('running');
    // Docker knows of it before the factory has been told so.
    const stopped = await eventually(
      async () => {
        const events = [
          ...(await eventsOf(factory, 'alice/plain')),
          ...(await eventsOf(factory, 'bob/plain')),
        ];
        const stops = events.flatMap((event) =>
          event.kind === 'step_done' && event.action === 'stop' ? [event] : [],
        );
        return stops.length >= 2 && stops;
      },
      { what: 'both stops among the events' },
    );
    expect(stopped.map(({ user, cause }) => [user, cause.kind])).toEqual([
      ['alice', 'memory_pressure'],
      ['bob', 'memory_pressure'],
    ]);
    await stays.logOut();
  });
});
