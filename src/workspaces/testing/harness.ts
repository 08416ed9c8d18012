import { pino } from 'pino';
import { DEFAULT_LIFECYCLE } from '../../config/lifecycle-values.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import { labNamed } from '../../labs/testing/lab-named.ts';
import { parseUsername } from '../../names/username.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { TRANSITIONS } from '../parts/part-state.ts';
import type { PartName, WorkspaceEvent } from '../ports/events.ts';
import type { Lease, SessionEnd } from '../workspace-access.ts';
import type { WorkspaceCommand } from '../workspace-command.ts';
import { Workspaces } from '../workspaces.ts';
import { MemoryHooks } from './memory-hooks.ts';
import type { MemoryPart, MemoryStep } from './memory-part.ts';
import { memoryRecords } from './memory-records.ts';
import { World } from './world.ts';

/*
 * The model of the controllers: a factory over a world in memory, and what must hold whatever happens to both. The stories of what
 * happens are in story.ts.
 */

export const GRACE = 60_000;
export const STOP_AFTER = 1_800_000;
export const DELETE_AFTER = 36_000_000;
const MINUTE = 60_000;
/** Longer than the longest chain of steps that hang, are given up and are tried again; ms. */
const LONG_ENOUGH = 100 * MINUTE;

const user = parseUsername('alice');
if (user === undefined) throw new Error('a name');
export const key = { user, lab: labNamed('k3s').name };
const limits = { memory: 1, cpus: 1, pids: 1 };
export const lab: LabDefinition = {
  ...labNamed('k3s'),
  container: { ...labNamed('k3s').container, limits },
  cluster: {
    image: undefined,
    servers: 1,
    agents: 0,
    limits,
    env: [],
    options: { k3s: { extraArgs: [], nodeLabels: [] } },
    startTimeout: 60_000,
  },
  lifecycle: { ...DEFAULT_LIFECYCLE, grace: GRACE, stopAfter: STOP_AFTER, deleteAfter: DELETE_AFTER },
  hooks: { initialization: { url: 'http://x', secret: undefined, headers: {}, timeout: 1, required: true } },
};

const SLEEPING: readonly MemoryStep[] = ['suspend', 'stop', 'remove'];

/** What the operator has ordered, as far as the model knows. */
type Standing = 'suspend' | 'stop' | 'delete' | undefined;

/** How a story ends: whether somebody is there at its end, and then perhaps takes the cluster down. */
export type StoryEnd = 'nobody stays' | 'somebody stays' | ClusterTakenDown;
type ClusterTakenDown = 'cluster_suspend' | 'cluster_stop' | 'cluster_delete';

/** A factory over the world; the world outlives it, as Docker does. */
export class Harness {
  readonly clock = new VirtualClock();
  readonly world = new World(this.clock, (part, step) => this.#stepBegins(part, step));
  readonly hooks = new MemoryHooks(this.clock, key, () => this.#cleansUp());
  readonly events: WorkspaceEvent[] = [];
  readonly wrong: string[] = [];
  /** When the cluster is to be deleted, as it was announced, over restarts of the factory. */
  readonly #announced: number[] = [];
  readonly #records = memoryRecords();
  readonly #random = numbers();
  lab: LabDefinition;
  leases: Lease[] = [];
  /** When the last lease went, or the factory was started again. */
  emptySince = this.clock.now();
  startedAt = this.clock.now();
  pinnedUntil = 0;
  standing: Standing;
  /** What was ordered of the cluster alone. */
  clusterStanding: ClusterTakenDown | undefined;
  /** A deletion has been ordered since: when it is done, what was ordered of the cluster is forgotten. */
  #mayBeForgotten = false;
  shortage = false;
  wokenOutside = false;
  /** A wish to have the container made anew is about: it may go, whoever is there. */
  #containerReset: 'none' | 'asked' | 'going' = 'none';
  counts = { began: 0, ended: 0, commanded: 0 };
  #workspaces: Workspaces;

  constructor(definition: LabDefinition = lab) {
    this.lab = definition;
    this.#workspaces = this.#boot();
  }

  #boot(): Workspaces {
    return new Workspaces({
      ports: {
        runtime: this.world.runtime(key),
        clusters: this.world.clusters(key),
        routes: this.world.routes(),
        hooks: this.hooks,
      },
      events: { emit: (event) => this.#hear(event) },
      records: this.#records,
      memory: {
        host: { available: async () => (this.shortage ? 1 : 100) },
        reserve: 50,
        lookEvery: 7 * MINUTE,
      },
      labs: { resolve: () => this.lab, sessionEnv: () => ({}) },
      defaultLifecycle: lab.lifecycle,
      urls: () => ({ http: '', https: '' }),
      clock: this.clock,
      random: () => this.#random.next().value ?? 0,
      logger: SILENT,
    });
  }

  #hear(event: WorkspaceEvent): void {
    this.events.push(event);
    if (event.kind !== 'deletion_ahead') return;
    if (event.deleteAt <= event.at)
      this.wrong.push(`a deletion at ${event.deleteAt} announced at ${event.at}`);
    this.#announced.push(event.deleteAt);
  }

  get workspaces(): Workspaces {
    return this.#workspaces;
  }

  /** `uses`: else it only asks how things are. */
  login(uses = true): void {
    this.leases.push(
      this.#workspaces.lease(key, { session: 's1', clientAddress: '192.0.2.1:1', clientProgram: 'test' }),
    );
    const lease = this.leases.at(-1);
    // An operator ends the sessions: whoever serves them lets them go.
    lease?.onNotice((notice) => {
      if (notice.kind === 'over') this.logout(this.leases.indexOf(lease), notice.because);
    });
    this.standing = undefined;
    this.counts.began += 1;
    if (uses) this.use();
  }

  /** The one who came last works in the workspace. */
  use(): void {
    this.leases.at(-1)?.noteUse();
    this.leases.at(-1)?.noteUse();
    this.clusterStanding = undefined;
  }

  logout(which: number, reason: SessionEnd = 'closed'): void {
    const [lease] = this.leases.splice(which % Math.max(1, this.leases.length), 1);
    if (lease === undefined) return;
    if (this.leases.length === 0) this.emptySince = this.clock.now();
    this.counts.ended += 1;
    lease.release(reason);
    // Again does nothing.
    lease.release('lost');
  }

  wake(): void {
    this.#workspaces.wake(key);
  }

  /** What the status says of the workspace. */
  snapshot() {
    return this.#workspaces.snapshots()[0];
  }

  reset(part: PartName): void {
    const signal = AbortSignal.any([]);
    if (part === 'container' && this.leases.length > 0) this.#containerReset = 'asked';
    if (part === 'cluster' && this.leases.length > 0) this.clusterStanding = undefined;
    const done =
      part === 'container' ? this.leases[0]?.resetContainer(signal) : this.leases[0]?.resetCluster(signal);
    done?.catch(() => {});
  }

  command(command: WorkspaceCommand): void {
    const commandedBefore = this.events.filter(({ kind }) => kind === 'commanded').length;
    const isSleep = 'endSessions' in command;
    const refused = isSleep && !command.endSessions && this.leases.length > 0;
    const { pinnedUntil, standing, clusterStanding } = this;
    const before = { pinnedUntil, standing, clusterStanding };
    if (!refused) this.#expect(command);
    this.#workspaces.command(key, command, 'operator', AbortSignal.any([])).catch(() => {});
    const accepted = this.events.filter(({ kind }) => kind === 'commanded').length - commandedBefore;
    if (accepted === 0) Object.assign(this, before);
    if (refused && accepted > 0) this.wrong.push(`${command.kind} although somebody is there`);
    this.counts.commanded += accepted;
  }

  #expect(command: WorkspaceCommand): void {
    const now = this.clock.now();
    if (command.kind === 'pin') {
      this.pinnedUntil = command.until;
      this.standing = undefined;
      this.clusterStanding = undefined;
    } else if (command.kind === 'unpin') {
      if (this.pinnedUntil > now && this.leases.length === 0) this.emptySince = now;
      this.pinnedUntil = 0;
    } else if (command.kind === 'start' || command.kind === 'cluster_start') {
      if (command.kind === 'start' || this.leases.length === 0) this.standing = undefined;
      this.clusterStanding = undefined;
    } else if (command.kind === 'reset') {
      if (command.part === 'container') this.#containerReset = 'asked';
      else this.clusterStanding = undefined;
    } else if (isTakenDown(command.kind)) {
      this.clusterStanding = command.kind;
      this.#mayBeForgotten = this.standing === 'delete';
    } else if (command.kind === 'suspend' || command.kind === 'stop' || command.kind === 'delete') {
      if (command.kind === 'delete') this.#mayBeForgotten = true;
      this.standing = command.kind;
      this.pinnedUntil = 0;
    }
  }

  /** kill -9: whatever is under way stays half done, all connections are gone, a new factory finds what exists. */
  async crash(finishes: boolean, downFor = 1_000): Promise<void> {
    this.world.container.finishesAborted = finishes;
    this.world.cluster.finishesAborted = finishes;
    const closed = this.#workspaces.close();
    await this.clock.advance(downFor);
    await closed;
    this.world.container.finishesAborted = false;
    this.world.cluster.finishesAborted = false;
    this.leases = [];
    this.emptySince = this.clock.now();
    this.startedAt = this.clock.now();
    this.standing = undefined;
    this.clusterStanding = undefined;
    this.#containerReset = 'none';
    this.hooks.killed();
    this.counts = { began: 0, ended: 0, commanded: 0 };
    this.events.length = 0;
    this.world.container.done.length = 0;
    this.world.cluster.done.length = 0;
    this.#workspaces = this.#boot();
    await this.#workspaces.adopt(AbortSignal.any([]));
    // As startWorkspaces does: nobody else takes the route of a workspace of which nothing is left.
    if (!this.#workspaces.has(key)) this.world.route = undefined;
  }

  get isPinned(): boolean {
    return this.clock.now() < this.pinnedUntil;
  }

  /** Called at the very moment at which a step begins. */
  #stepBegins(part: MemoryPart, step: MemoryStep): void {
    if (part.name === 'container' && this.#isResetting(step)) return;
    const wakes = step === 'create' || step === 'start';
    if (part.name === 'cluster' && wakes && this.clusterStanding !== undefined && !this.#mayBeForgotten)
      this.wrong.push(`cluster: ${step} after ${this.clusterStanding}`);
    if (!SLEEPING.includes(step) || (step === 'remove' && part.state === 'incomplete')) return;
    const now = this.clock.now();
    const what = `${part.name}: ${step} at ${now}`;
    if (part.name === 'cluster' && this.lab.cluster === undefined) return;
    if (part.name === 'cluster' && this.clusterStanding !== undefined) {
      if (step === 'remove' && this.clusterStanding !== 'cluster_delete' && this.leases.length > 0)
        this.wrong.push(`${what} though it was only ${this.clusterStanding}`);
      return;
    }
    if (this.leases.length > 0) this.wrong.push(`${what} with a lease`);
    else if (this.isPinned) this.wrong.push(`${what} with a pin`);
    else if (this.standing === undefined && now < this.#graceOver) this.wrong.push(`${what} within grace`);
    if (step === 'remove' && this.standing !== 'delete') this.#checkDeletion(part, what);
  }

  #cleansUp(): void {
    const now = this.clock.now();
    const isEarly = this.isPinned || (this.standing === undefined && now < this.#graceOver);
    if (isEarly) this.wrong.push(`cleanup at ${now} within grace`);
  }

  #isResetting(step: MemoryStep): boolean {
    if (step === 'create' && this.#containerReset === 'going') this.#containerReset = 'none';
    if (step !== 'remove' || this.#containerReset === 'none') return false;
    this.#containerReset = 'going';
    return true;
  }

  get #graceOver(): number {
    return Math.max(this.emptySince, this.startedAt, Math.min(this.pinnedUntil, this.clock.now())) + GRACE;
  }

  #checkDeletion(part: MemoryPart, what: string): void {
    if (part.name === 'container') this.wrong.push(`${what} though nobody wanted it`);
    const now = this.clock.now();
    const isAnnounced = this.#announced.some((at) => this.emptySince < at && at <= now);
    if (part.name === 'cluster' && !isAnnounced) this.wrong.push(`${what} though it was not announced`);
  }

  /** What must hold at any time. */
  check(): void {
    const held = this.snapshot()?.leases.length ?? 0;
    if (held !== this.leases.length) this.wrong.push(`${held} leases for ${this.leases.length} connections`);
    this.wrong.push(...this.world.violations);
    const count = (kind: WorkspaceEvent['kind']) => this.events.filter((event) => event.kind === kind).length;
    const told = {
      began: count('session_began'),
      ended: count('session_ended'),
      commanded: count('commanded'),
    };
    if (JSON.stringify(told) !== JSON.stringify(this.counts))
      this.wrong.push(`events ${JSON.stringify(told)} for ${JSON.stringify(this.counts)}`);
    for (const event of this.events) this.#checkEvent(event);
    this.wrong.push(...this.hooks.mistakes());
    this.#checkStepsTold();
    if (this.wrong.length > 0) throw new Error(this.wrong.join('\n'));
  }

  #checkEvent(event: WorkspaceEvent): void {
    if (event.kind !== 'step_done') return;
    const { from, to } = TRANSITIONS[event.action];
    if (!from.includes(event.from) || !to.includes(event.to))
      this.wrong.push(`${event.part}: ${event.action} led from ${event.from} to ${event.to}`);
  }

  /** Each step that did what it should is one event, in order. The last ones may not have been looked at yet. */
  #checkStepsTold(): void {
    for (const part of [this.world.container, this.world.cluster]) {
      const [told, done] = [this.#told(part.name), part.done].map((steps) => steps.filter(this.#counts));
      if (!isSubsequence(told ?? [], done ?? []))
        this.wrong.push(`${part.name}: told ${told?.join()} of ${done?.join()}`);
    }
  }

  #told(name: PartName): readonly string[] {
    return this.events.flatMap((event) =>
      event.kind === 'step_done' && event.part === name && event.action !== 'connect'
        ? [worldStep(name, event.action)]
        : [],
    );
  }

  /** Where somebody else has woken a part, a step that finds it awake is as good as one that woke it. */
  readonly #counts = (step: string): boolean => step !== 'resume' || !this.wokenOutside;

  /** After everything has come to rest, without faults. */
  async checkAtRest(end: StoryEnd): Promise<void> {
    const { world, clock } = this;
    world.container.faults = [];
    world.cluster.faults = [];
    world.tiesFail = 0;
    if (end !== 'nobody stays') {
      this.login();
      await this.#checkAllAwake('with somebody there');
    }
    if (isTakenDown(end)) await this.#checkTakenDown(end);
    while (this.leases.length > 0) this.logout(0);
    const pinned = Math.max(0, this.pinnedUntil - clock.now());
    await clock.advance(pinned + GRACE + LONG_ENOUGH);
    this.check();
    this.#isOneOf('after grace', world.container.state, ['suspended', 'stopped', 'absent', 'incomplete']);
    this.#isOneOf('after grace', world.cluster.state, ['suspended', 'stopped', 'absent']);
    this.#isOneOf('after grace, the route', world.route ?? 'none', ['asleep', 'none']);
    await clock.advance(STOP_AFTER + LONG_ENOUGH);
    this.#isOneOf('after stop_after', world.container.state, ['stopped', 'absent', 'incomplete']);
    this.#isOneOf('after stop_after', world.cluster.state, ['stopped', 'absent']);
    await clock.advance(DELETE_AFTER + LONG_ENOUGH);
    this.#is('after delete_after', world.cluster.state, 'absent');
    this.check();
    const told = this.snapshot();
    this.#is('the status', told?.cluster?.observed?.state ?? 'absent', world.cluster.state);
    const container = world.container.state === 'incomplete' ? 'absent' : world.container.state;
    this.#is('the status', told?.container.observed?.state ?? 'absent', container);
    this.#checkAllTold();
    if (this.hooks.openConfigurations().length > 0)
      this.wrong.push('what was initialized was never cleaned up');
    if (this.wrong.length > 0) throw new Error(this.wrong.join('\n'));
  }

  async #checkAllAwake(when: string): Promise<void> {
    const { world } = this;
    await this.clock.advance(LONG_ENOUGH);
    const found = [world.container.state, world.cluster.state, world.route, world.attached];
    this.#is(when, found, ['running', 'running', 'awake', true]);
  }

  /** The cluster alone goes down, and comes back when it is wanted, or somebody comes. */
  async #checkTakenDown(kind: ClusterTakenDown): Promise<void> {
    const { world, clock } = this;
    this.command({ kind });
    await clock.advance(LONG_ENOUGH);
    this.#is(`after ${kind}, the container`, world.container.state, 'running');
    this.#is(`after ${kind}, the route`, world.route, 'asleep');
    const paused = world.cluster.pauses ? 'suspended' : 'stopped';
    const down = { cluster_suspend: paused, cluster_stop: 'stopped', cluster_delete: 'absent' }[kind];
    this.#is(`after ${kind}, the cluster`, world.cluster.state, down);
    if (kind === 'cluster_stop') this.login();
    else this.command({ kind: 'cluster_start' });
    await this.#checkAllAwake(`wanted again after ${kind}`);
  }

  #checkAllTold(): void {
    for (const part of [this.world.container, this.world.cluster]) {
      // Somebody outside may undo a step before it is looked at; then it is told as a failure.
      const undone = this.events.filter(
        (event) =>
          event.kind === 'step_failed' && event.part === part.name && event.error.code !== 'DOCKER_FAILED',
      );
      // A resume may be a part of connecting, where somebody else has paused it meanwhile.
      const [told, done] = [this.#told(part.name), part.done].map((steps) =>
        steps.filter((step) => step !== 'resume'),
      );
      if ((told?.length ?? 0) + undone.length < (done?.length ?? 0))
        this.wrong.push(`${part.name}: a step was not told`);
    }
    const announced = this.events.flatMap((event) =>
      event.kind === 'deletion_ahead' ? [event.deleteAt] : [],
    );
    if (new Set(announced).size !== announced.length) this.wrong.push('a deletion was announced twice');
  }

  #is(when: string, found: unknown, wanted: unknown): void {
    const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (one !== other) this.wrong.push(`${when}: ${one}, not ${other}`);
  }

  #isOneOf(when: string, found: string, wanted: readonly string[]): void {
    if (!wanted.includes(found)) this.wrong.push(`${when}: ${found}`);
  }
}

/** The same numbers in each story, so that it can be told again. */
function* numbers(): Generator<number, undefined> {
  for (let state = 1; ; ) {
    // Park and Miller's minimal standard generator (Communications of the ACM 31, 1988).
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

function isTakenDown(kind: WorkspaceCommand['kind'] | StoryEnd): kind is ClusterTakenDown {
  return kind === 'cluster_suspend' || kind === 'cluster_stop' || kind === 'cluster_delete';
}

const SILENT = pino({ level: 'silent' });

/** The world knows one way to take a container away. */
function worldStep(part: PartName, action: string): string {
  return part === 'container' && action === 'reset' ? 'remove' : action;
}

function isSubsequence(told: readonly string[], done: readonly string[]): boolean {
  let next = 0;
  for (const step of done) if (step === told[next]) next += 1;
  return next === told.length;
}
