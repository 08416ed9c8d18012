import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { runFactory } from '../harness/factory-command.ts';
import { OWN_ENGINE_POSSIBLE, OWN_ENGINE_WITHIN } from '../harness/own-engine.ts';
import { Workspace } from '../harness/workspace.ts';
import { Resident } from './resident.ts';
import { GRACE, LOST_IN_MEMORY, Town } from './town.ts';
import { triedInVain } from './tried-in-vain.ts';

const ALL_STOPPED = { alice: 'exited', bob: 'exited', carol: 'exited' };

describe.runIf(OWN_ENGINE_POSSIBLE)('one workspace in use, one asleep, one stopped', () => {
  let town: Town;
  beforeAll(async () => {
    town = await Town.settle();
  }, OWN_ENGINE_WITHIN);
  afterAll(() => town?.[Symbol.asyncDispose]());
  beforeEach((context) => town.showLogsOnFailure(context));

  test('a prompt comes at once, though this host has no DNS that answers', async () => {
    // A look-up takes 10 s to be given up, each time; a busy machine may be slow once.
    let quickest = Number.POSITIVE_INFINITY;
    for (let login = 0; login < 4 && quickest >= 8_000; login++) {
      await using window = town.world.alice.terminal();
      quickest = Math.min(quickest, await window.shows(/\$ $/));
    }
    expect(quickest).toBeLessThan(8_000);
  });

  test('the engine is restarted: sessions end with a sentence, all is stopped and comes back', async () => {
    const { engine, world } = town;
    const { pid } = world.factory;
    await using window = await town.takeUpPosition();

    await engine.stopDaemon();
    await town.expectToBeTold(window);
    await engine.startDaemon();

    await town.expectAllToStay(ALL_STOPPED);
    await town.showsToVisitors('is asleep');
    await town.expectAllToComeBack(LOST_IN_MEMORY);
    expect(world.factory.pid).toBe(pid);
  });

  test('the engine is killed and stays away: who comes is told, apps go on answering', async () => {
    const { engine, world } = town;
    const { pid } = world.factory;
    await using window = await town.takeUpPosition();

    await engine.killDaemon();
    await town.expectToBeTold(window);
    await town.expectToBeTurnedAway();
    await town.showsToVisitors('hello from alice');
    expect(await runFactory(world.factory.folder, ['status', '--json'])).toMatchObject({ code: 0 });

    // Without live-restore it ends what has outlived it, Traefik, too.
    await engine.startDaemon();
    await town.expectAllToStay(ALL_STOPPED);
    await town.showsToVisitors('is asleep');
    await town.expectAllToComeBack(LOST_IN_MEMORY);
    expect(world.factory.pid).toBe(pid);
  });

  test('the host is rebooted: the factory finds everything stopped, and all comes back', async () => {
    const { engine, world } = town;
    await using window = await town.takeUpPosition();

    await world.factory.kill();
    await engine.reboot();
    await Promise.all([window.ended(), world.sessionEnded()]);
    await engine.startDaemon({ liveRestore: true });
    await world.factory.startAgain();

    await town.expectAllToStay(ALL_STOPPED);
    await town.showsToVisitors('is asleep');
    await town.expectAllToComeBack(LOST_IN_MEMORY);
  });

  test('the engine is killed under live-restore: what nobody is in is suspended when it is back', async () => {
    const { engine, world } = town;
    const { pid } = world.factory;
    await using window = await town.takeUpPosition();

    await engine.killDaemon();
    await town.expectToBeTold(window);
    await triedInVain(world.factory, Date.now() + GRACE);
    await engine.startDaemon({ liveRestore: true });

    await world.workspace.becomes('paused');
    await town.expectAllToStay({ alice: 'paused', bob: 'paused', carol: 'exited' });
    await town.showsToVisitors('is asleep');
    await town.expectAllToComeBack([]);
    expect(world.factory.pid).toBe(pid);
  });

  test('the engine is restarted while a cluster is made: the next login gets a whole one', async () => {
    const { engine, world } = town;
    const dave = await world.factory.student('dave');
    const workspace = new Workspace(world.factory, dave.name);
    const nodes = async () => (await workspace.containers('node')).map(({ State }) => State.Status);
    await using window = dave.terminal();
    await eventually(async () => (await nodes()).includes('running'), {
      what: "dave's node runs for the first time",
      within: 200_000,
      every: 20,
    });

    await engine.stopDaemon();
    await window.ended();
    await engine.startDaemon({ liveRestore: true });
    await eventually(async () => (await nodes()).length === 0, {
      what: 'the unfinished cluster is removed, though nobody is there',
      within: 150_000,
    });

    await using again = await Resident.moveIn(world.factory, dave.name, 'k3s');
    expect(await again.look()).toMatchObject({ app: 'hello from dave' });
  });
});
