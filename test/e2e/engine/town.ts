import { expect, type TestContext } from 'vitest';
import { EventRecorder } from '../harness/event-recorder.ts';
import { eventually } from '../harness/eventually.ts';
import { CLUSTER_LAB } from '../harness/factory-files.ts';
import { request } from '../harness/http-request.ts';
import { OwnEngine } from '../harness/own-engine.ts';
import type { Terminal } from '../harness/terminal.ts';
import { refreshMemory } from '../survival/furniture.ts';
import { documentedRows } from '../survival/table.ts';
import { lookAround, THINGS } from '../survival/things.ts';
import { SurvivalWorld } from '../survival/world.ts';
import { Resident, type Sight } from './resident.ts';

/** How long what nobody is in stays as it is; ms. */
export const GRACE = 2_000;
/** What a student at a terminal is told when the engine goes away. */
const LOST = /The connection to your container was lost. Connect again to go on. \(error \w+\)/;
/** What one is told who logs in meanwhile. */
const AWAY = /^Docker does not answer.*\(error \w+\)\s*$/m;

/** Whoever waits longer waits for the engine, which does not come back by itself; ms. */
const TOLD_WITHIN = 60_000;

const rows = await documentedRows();
/** What docs/what-survives.md says of alice's workspace after a power cut. */
export const LOST_IN_MEMORY = rows
  .filter(({ verdicts }) => verdicts['power cut'] === 'gone')
  .map(({ thing }) => thing);

/** Of each workspace, what all its containers are. */
export interface States {
  readonly alice: string;
  readonly bob: string;
  readonly carol: string;
}

/** Three students of one factory on an engine of its own: alice is in her workspace, bob's sleeps, carol's is stopped. */
export class Town implements AsyncDisposable {
  readonly engine: OwnEngine;
  readonly world: SurvivalWorld;
  readonly #bob: Resident;
  readonly #carol: Resident;
  readonly #stack: AsyncDisposableStack;
  /** All that alice has, and what the others had at first. */
  #alices: ReadonlyMap<string, string | undefined> = new Map();
  #others: readonly Sight[] = [];

  private constructor(
    engine: OwnEngine,
    world: SurvivalWorld,
    [bob, carol]: readonly [Resident, Resident],
    stack: AsyncDisposableStack,
  ) {
    this.engine = engine;
    this.world = world;
    this.#bob = bob;
    this.#carol = carol;
    this.#stack = stack;
  }

  static async settle(): Promise<Town> {
    await using stack = new AsyncDisposableStack();
    const engine = stack.use(await OwnEngine.start());
    const world = stack.use(
      await SurvivalWorld.make({
        node: engine.node,
        grace: `${GRACE}ms`,
        labs: { k3s: CLUSTER_LAB, short: { ...CLUSTER_LAB, lifecycle: { stop_after: '1s' } } },
        groups: [
          { name: 'patient', members: ['alice', 'bob', 'dave'], labs: ['k3s'] },
          { name: 'impatient', members: ['carol'], labs: ['short'] },
        ],
      }),
    );
    const others = await Promise.all([
      Resident.moveIn(world.factory, 'bob', 'k3s'),
      Resident.moveIn(world.factory, 'carol', 'short'),
    ]);
    for (const resident of others) stack.use(resident);
    const town = new Town(engine, world, others, stack.move());
    town.#alices = await lookAround(world);
    town.#others = await Promise.all(others.map((resident) => resident.look()));
    return town;
  }

  showLogsOnFailure(context: TestContext): void {
    this.world.factory.showLogOnFailure(context);
    context.onTestFailed(() => {
      process.stderr.write(`--- the engine's log, last lines ---\n${this.engine.log.slice(-4_000)}\n`);
    });
  }

  /** alice sits at a terminal, bob's workspace is paused, carol's stopped. All three must be in. */
  async takeUpPosition(): Promise<Terminal> {
    const { world } = this;
    await refreshMemory(world.alice);
    const volatile = await lookAround(
      world,
      THINGS.filter((thing) => thing.volatile),
    );
    this.#alices = new Map([...this.#alices, ...volatile]);
    await Promise.all([this.#bob.logOut(), this.#carol.logOut()]);
    await this.#bob.workspace.becomes('paused');
    await this.#carol.workspace.becomes('exited');
    const window = world.alice.terminal();
    await window.shows(/\$ $/);
    return window;
  }

  /** The sessions of alice's have ended, and she was told. */
  async expectToBeTold(window: Terminal): Promise<void> {
    await Promise.all([window.ended(), this.world.sessionEnded()]);
    expect(window.text).toMatch(LOST);
  }

  /** Whoever comes while no engine answers: each kind of client is told why, and nobody waits. */
  async expectToBeTurnedAway(): Promise<void> {
    const { alice } = this.world;
    const refused = await alice.exec('true', { timeout: TOLD_WITHIN });
    expect(refused).toMatchObject({ exitCode: 254, stdout: '' });
    expect(refused.stderr).toMatch(AWAY);
    await using window = alice.terminal();
    await window.shows(AWAY);
    await window.ended();
    const copied = await alice.sftp('ls\n', { timeout: TOLD_WITHIN });
    expect(copied.stderr).toMatch(AWAY);
  }

  /** Neither the engine nor the factory starts what nobody is in. */
  async expectAllToStay(states: States): Promise<void> {
    await using recorder = await EventRecorder.start();
    expect(await this.#states()).toEqual(states);
    const instance = await this.world.factory.instance();
    await recorder.none(instance, { action: 'start', role: 'node' }, 0, GRACE + 1_000);
    expect(recorder.of(instance, { action: 'start', role: 'container' })).toEqual([]);
    expect(await this.#states()).toEqual(states);
  }

  /** All log in at once, and have what they had, but for these things of alice's. */
  async expectAllToComeBack(lost: readonly string[]): Promise<void> {
    const { world } = this;
    const residents = [this.#bob, this.#carol].map(async (resident) => {
      await resident.logIn();
      return resident.look();
    });
    const [, ...others] = await Promise.all([world.logIn().then(() => world.podsRun()), ...residents]);
    expect(others).toEqual(this.#others);
    const before = this.#alices;
    const now = await lookAround(
      world,
      THINGS,
      (thing, text) => lost.includes(thing) || text === before.get(thing),
    );
    const things = rows.map(({ thing }) => thing);
    expect(things.filter((thing) => now.get(thing) !== before.get(thing))).toEqual(lost);
    this.#alices = now;
  }

  /** Resolves when the web shows this in place of alice's app, or of it: Traefik may be only just back. */
  async showsToVisitors(text: string): Promise<void> {
    const at = this.world.factory.endpoints.routes.http;
    await eventually(
      async () => (await request({ url: 'http://alice.localhost/', at })).body.includes(text),
      {
        what: `the web shows "${text}"`,
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #states(): Promise<States> {
    return {
      alice: await this.world.workspace.state(),
      bob: await this.#bob.workspace.state(),
      carol: await this.#carol.workspace.state(),
    };
  }
}
