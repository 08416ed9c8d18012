import { FactoryError } from '../errors/factory-error.ts';
import type { Given, LabDefinition, Lifecycle } from '../labs/lab-definition.ts';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import { Circumstances } from './circumstances.ts';
import { CurrentLab } from './current-lab.ts';
import { type ClusterOrder, clusterDesire, type Order, partTarget, tiersOf } from './desired-state.ts';
import { Eraser } from './eraser.ts';
import { Initialization } from './initialization.ts';
import { ClusterDriver } from './parts/cluster-driver.ts';
import { ContainerDriver } from './parts/container-driver.ts';
import { type PartDesire, type PartNews, PartReconciler } from './parts/part-reconciler.ts';
import type { Clusters } from './ports/clusters.ts';
import type { Events, PartName } from './ports/events.ts';
import type { Configuration, HookSession, Hooks } from './ports/hooks.ts';
import type { Pin, WorkspaceRecords } from './ports/records.ts';
import type { Routes } from './ports/routes.ts';
import type { Runtime } from './ports/runtime.ts';
import type { HeldLease } from './sessions/held-lease.ts';
import type { LifecycleNews, Phase, SessionEnd } from './workspace-access.ts';
import type { NodeCommand } from './workspace-command.ts';
import { workspaceEvents } from './workspace-events.ts';
import type { WorkspaceSnapshot } from './workspace-snapshot.ts';

/** The parts of the world that a workspace is made of. */
export interface WorkspacePorts {
  readonly runtime: Runtime;
  readonly clusters: Clusters;
  readonly routes: Routes;
  readonly hooks: Hooks;
}

export interface WorkspaceControllerOptions {
  readonly key: WorkspaceKey;
  /** The lab as it is now. Undefined: it is no longer defined; what was found of it can only go to sleep. Throws `LAB_INVALID`. */
  readonly resolve: (given: Given) => LabDefinition | undefined;
  /** Where the lab is no longer defined. */
  readonly defaultLifecycle: Lifecycle;
  readonly ports: WorkspacePorts;
  readonly events: Events;
  readonly records: WorkspaceRecords;
  readonly clock: Clock;
  /** In [0, 1), for the jitter of tries. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Aborts what is under way when the factory closes. */
  readonly signal: AbortSignal;
}

/**
 * The only one who decides about a workspace. Inputs: leases, time, orders, wake-ups from Docker. Its two parts, container and
 * cluster, go towards the same desired state side by side, each one step at a time.
 */
export class WorkspaceController {
  readonly key: WorkspaceKey;
  readonly container: PartReconciler;
  readonly cluster: PartReconciler;
  readonly #options: WorkspaceControllerOptions;
  readonly #events: ReturnType<typeof workspaceEvents>;
  readonly #circumstances: Circumstances;
  readonly #listeners = new Set<() => void>();
  readonly #eraser: Eraser;
  readonly #initialization: Initialization;
  readonly #lab: CurrentLab;
  /** The configuration whose files the container has, as far as this process knows. */
  #placed: string | undefined;
  #timer: Disposable | undefined;

  constructor(options: WorkspaceControllerOptions) {
    const { key, clock, random, ports, signal } = options;
    const logger = options.logger.child({ workspace: formatWorkspaceKey(key) });
    this.key = key;
    this.#options = options;
    this.#events = workspaceEvents(key, options.events, clock);
    this.#initialization = new Initialization({
      key,
      hooks: ports.hooks,
      onChange: () => this.#phaseChanged(),
      clock,
      signal,
    });
    this.#lab = new CurrentLab(() => options.resolve(this.#initialization.given), logger);
    const lifecycle = () => this.lab?.lifecycle ?? options.defaultLifecycle;
    const hasCluster = () => {
      const { observed } = this.cluster.snapshot();
      return observed === undefined ? undefined : observed.state !== 'absent';
    };
    this.#circumstances = new Circumstances({ key, lifecycle, hasCluster, records: options.records, clock });
    this.#eraser = new Eraser({ key, ...ports, clock, random, logger, signal });
    const shared = {
      onPhaseChange: () => this.#phaseChanged(),
      onNews: (part: PartName, news: PartNews) => this.#partNews(part, news),
      clock,
      random,
      logger,
      signal,
    };
    const clusterDriver = new ClusterDriver({
      key,
      lab: () => this.lab,
      ...ports,
      configured: (bounded) => this.#initialization.readyOrAgain(bounded),
      containerReady: (bounded) => this.container.ready(bounded),
    });
    const containerDriver = new ContainerDriver({
      key,
      lab: () => this.#lab.read(),
      runtime: ports.runtime,
      configured: (bounded) => this.#initialization.readyOrAgain(bounded),
      erased: (bounded) => this.#eraser.over(bounded),
      onNewProcesses: () => {
        this.#placed = undefined;
        clusterDriver.disconnect();
        this.cluster.wake();
      },
    });
    const desired = (part: PartName) => () => this.#desireOf(part);
    this.container = new PartReconciler({
      ...shared,
      desired: desired('container'),
      whyAsleep: workspaceAsleep,
      driver: containerDriver,
    });
    this.cluster = new PartReconciler({
      ...shared,
      desired: desired('cluster'),
      whyAsleep: () => (this.clusterPhase.kind === 'down' ? clusterDown() : workspaceAsleep()),
      driver: clusterDriver,
    });
    this.#armTimer();
  }

  /** Undefined: it is no longer defined. */
  get lab(): LabDefinition | undefined {
    return this.#lab.known;
  }

  get containerPhase(): Phase {
    const { phase } = this.container;
    return phase.kind === 'ready' ? (this.#initialization.phase ?? phase) : phase;
  }

  /** What `initialization` has given; undefined: nothing. */
  get configuration(): Configuration | undefined {
    return this.#initialization.configuration;
  }

  get clusterPhase(): Phase {
    if (!this.#offersCluster) return { kind: 'none' };
    const { phase } = this.cluster;
    const { clusterOrder } = this.#circumstances;
    if (phase.kind !== 'asleep' || clusterOrder === undefined || this.leases.size === 0) return phase;
    return { kind: 'down', ...noteOf(clusterOrder) };
  }

  /** Those that are held now. */
  get leases(): ReadonlySet<HeldLease> {
    return this.#circumstances.leases;
  }

  /** Whether Docker has something of it, as far as anybody has looked. */
  get exists(): boolean {
    return this.#parts.some((part) => (part.snapshot().observed?.state ?? 'absent') !== 'absent');
  }

  /** Whether nothing is under way and both parts are where they should be. */
  get settledDown(): boolean {
    return this.#parts.every((part) => part.settledDown);
  }

  get order(): Order | undefined {
    return this.#circumstances.order;
  }

  get clusterOrder(): ClusterOrder | undefined {
    return this.#circumstances.clusterOrder;
  }

  /** Since when nobody is there, ms since the epoch; of no meaning while somebody is. */
  get emptySince(): number {
    return this.#circumstances.emptySince;
  }

  snapshot(): WorkspaceSnapshot {
    const cluster = this.cluster.snapshot();
    const isLeftOver = cluster.observed !== undefined && cluster.observed.state !== 'absent';
    const hasCluster = this.#offersCluster || isLeftOver;
    const { leases, pin, order, clusterOrder, deleteAt } = this.#circumstances;
    const desire = this.#circumstances.desire();
    return {
      key: this.key,
      labDefined: this.lab !== undefined,
      desire,
      leases: [...leases],
      pin,
      // One that time has overtaken is of no interest.
      order: order?.state === desire.state ? ORDERED[order.state] : undefined,
      clusterOrder: clusterOrder && noteOf(clusterOrder),
      deleteAt: hasCluster && cluster.observed?.state !== 'absent' ? deleteAt : undefined,
      container: this.container.snapshot(),
      cluster: hasCluster ? cluster : undefined,
    };
  }

  hold(lease: HeldLease): void {
    const isFirst = this.leases.size === 0;
    this.#circumstances.hold(lease);
    this.#events.sessionBegan(lease);
    const { lab } = this;
    if (lab !== undefined) {
      this.#initialization.begin(lab, hookSession(lease));
      this.#options.ports.hooks.sessionBegan(this.key, lab, hookSession(lease), isFirst);
    }
    this.#circumstancesChanged();
  }

  /**
   * Resolves when the container runs and the lab is initialized, with the files that came with that in place. Rejects with the
   * `FactoryError` of what failed.
   */
  async containerReady(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#initialization.ready(signal), this.container.ready(signal)]);
    const { configuration } = this;
    if (configuration === undefined || configuration.id === this.#placed) return;
    const { id, files } = configuration;
    if (files.length > 0) await this.#options.ports.runtime.putFiles(this.key, id, files, signal);
    this.#placed = id;
  }

  /** Somebody new works in it, and wants all of it. */
  used(): void {
    if (this.clusterOrder !== undefined) this.giveCluster(undefined);
  }

  /** Idempotent. The grace time begins when the last lease goes. */
  release(lease: HeldLease, reason: SessionEnd): void {
    const released = this.#circumstances.release(lease);
    if (released === undefined) return;
    this.#events.sessionEnded(lease, reason, released.last);
    const { key, lab } = this;
    this.#options.ports.hooks.sessionEnded(key, lab, hookSession(lease), reason, released.last);
    this.#circumstancesChanged();
  }

  /** Takes the place of an earlier order. One that leads to sleep waits until nobody is there. */
  give(order: Order): void {
    this.#circumstances.give(order);
    this.#circumstancesChanged();
  }

  /** What is wanted of the cluster alone; undefined: it is wanted again. */
  giveCluster(order: ClusterOrder | undefined): void {
    this.#circumstances.giveCluster(order);
    this.cluster.wakeNow();
  }

  /**
   * Takes one agent of the running cluster down, or brings it back, between two steps of the cluster. Rejects with
   * `CLUSTER_NOT_READY` where it does not run, and with `NODE_UNKNOWN`.
   */
  changeNode({ kind, node }: NodeCommand, signal: AbortSignal): Promise<void> {
    const { clusters } = this.#options.ports;
    const change = kind === 'node_stop' ? 'stopNode' : 'startNode';
    const run = (bounded: AbortSignal) => clusters[change](this.key, node, bounded);
    return this.cluster.perform({ what: `${kind} ${node}`, run, signal });
  }

  /** Keeps it awake until then; undefined: no longer, and the grace time begins. */
  pin(pin: Pin | undefined): void {
    this.#circumstances.setPin(pin);
    this.#circumstancesChanged();
  }

  /** Looks again: something outside may have changed. */
  wake(): void {
    this.container.wake();
    this.cluster.wake();
  }

  /** Groups or labs have changed: times and sizes may be other ones. */
  labChanged(): void {
    this.#circumstancesChanged();
  }

  /** As `wake`, and what failed does not wait for its next try. */
  wakeNow(): void {
    this.container.wakeNow();
    this.cluster.wakeNow();
  }

  /** Makes one part anew. Rejects with `LAB_WITHOUT_CLUSTER`, and as `ready` does. Resolves when the new one is of use. */
  async reset(part: PartName, by: string, signal: AbortSignal): Promise<void> {
    this.startReset(part, by);
    await (part === 'cluster' ? this.clusterReady(signal) : this.container.ready(signal));
  }

  /** As `reset`, and does not wait. Throws `LAB_WITHOUT_CLUSTER`. */
  startReset(part: PartName, by: string): void {
    if (part === 'cluster') {
      this.assertCluster();
      this.#circumstances.giveCluster(undefined);
    }
    this[part].reset({ kind: 'command', command: 'reset', by });
  }

  /** Throws `LAB_WITHOUT_CLUSTER`. */
  assertCluster(): void {
    if (!this.#offersCluster) throw withoutCluster();
  }

  clusterReady(signal: AbortSignal): Promise<void> {
    return this.#offersCluster ? this.cluster.ready(signal) : Promise.reject(withoutCluster());
  }

  /** Resolves when both parts are of use; rejects as `ready` does. */
  async awake(signal: AbortSignal): Promise<void> {
    const cluster = this.#offersCluster ? this.cluster.ready(signal) : undefined;
    await Promise.all([this.containerReady(signal), cluster]);
  }

  /** What the student is to know as a session begins; only the first who asks hears of a deletion. */
  lifecycleNews(): LifecycleNews {
    const deletedAt = this.#circumstances.takeDeletion();
    const { deleteAt } = tiersOf(0, this.lab?.lifecycle ?? this.#options.defaultLifecycle);
    return { deletedAt, deletedAfter: this.#offersCluster ? deleteAt : undefined };
  }

  onPhaseChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await Promise.all([...this.#parts.map((part) => part.settled()), this.#eraser.settled()]);
  }

  get #parts(): readonly PartReconciler[] {
    return [this.container, this.cluster];
  }

  /** Of a lab that is no longer defined nobody knows; there, what is found counts. */
  get #offersCluster(): boolean {
    return this.lab === undefined || this.lab.cluster !== undefined;
  }

  #desireOf(part: PartName): PartDesire {
    const desire = this.#circumstances.desire();
    if (part === 'container') return { target: partTarget(part, desire.state), cause: desire.cause };
    const { target, cause } = clusterDesire(desire, this.#circumstances.clusterOrder);
    // A cluster from before it was taken out of the lab sleeps, whoever is there.
    return { target: this.#offersCluster || target === 'absent' ? target : 'stopped', cause };
  }

  #circumstancesChanged(): void {
    this.#endConfiguration();
    this.#armTimer();
    this.wakeNow();
  }

  /** With the grace time, however that ended, what `initialization` had prepared is of no use any more. */
  #endConfiguration(): void {
    const { state, cause } = this.#circumstances.desire();
    if (state === 'awake' || state === 'as-is') return;
    this.#options.ports.hooks.graceOver(this.key, this.lab, cause);
    this.#initialization.end();
  }

  #armTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const { clock, signal } = this.#options;
    const { nextChangeAt } = this.#circumstances;
    if (signal.aborted || nextChangeAt === undefined) return;
    this.#timer = clock.schedule(Math.max(0, nextChangeAt - clock.now()), () => this.#timeHasCome());
  }

  #timeHasCome(): void {
    const deleteAt = this.#circumstances.takeAnnouncement();
    if (deleteAt !== undefined) this.#events.deletionAhead(deleteAt);
    this.#circumstancesChanged();
  }

  #partNews(part: PartName, news: PartNews): void {
    this.#events.partNews(part, news);
    if (isFirstSightOfOneThatRuns(news) && this.leases.size === 0) {
      this.#circumstances.foundRunning();
      this.#armTimer();
    }
    // Its deletion may have to be announced at once.
    if (part === 'cluster' && isThereNow(news) && this.leases.size === 0) this.#timeHasCome();
    if (part === 'cluster' && isDeletion(news)) this.#circumstances.clusterDeleted();
  }

  #phaseChanged(): void {
    this.#followOrder();
    for (const listener of [...this.#listeners]) listener();
  }

  /** An order to wake ends when it is awake; one to delete goes on to what the parts leave behind. */
  #followOrder(): void {
    const { order } = this.#circumstances;
    if (order === undefined || this.leases.size > 0) return;
    if (order.state === 'awake' && this.#isAwake) {
      this.#circumstances.orderDone(order);
      this.#circumstancesChanged();
    }
    if (order.state === 'gone' && this.settledDown && !this.exists) this.#erase(order.home);
  }

  get #isAwake(): boolean {
    const { kind } = this.clusterPhase;
    return this.container.phase.kind === 'ready' && (kind === 'ready' || kind === 'none');
  }

  #erase(home: boolean): void {
    this.#eraser.erase(home, () => {
      if (this.order?.state !== 'gone') return;
      this.#circumstances.forget();
      this.#options.ports.hooks.deleted(this.key, this.lab);
      this.#armTimer();
      this.#phaseChanged();
    });
  }
}

const ORDERED = {
  awake: undefined,
  suspended: 'suspend',
  stopped: 'stop',
  gone: 'delete',
} as const satisfies Record<Order['state'], WorkspaceSnapshot['order']>;

const CLUSTER_ORDERED = {
  suspended: 'suspend',
  stopped: 'stop',
  absent: 'delete',
} as const satisfies Record<ClusterOrder['state'], string>;

function noteOf({ state, cause }: ClusterOrder) {
  return { order: CLUSTER_ORDERED[state], by: cause.kind === 'command' ? cause.by : '' };
}

function hookSession({ holder, since }: HeldLease): HookSession {
  const { session: id, clientAddress, clientProgram } = holder;
  return { id, clientAddress, clientProgram, since };
}

function isFirstSightOfOneThatRuns(news: PartNews): boolean {
  if (news.kind !== 'found' || news.from !== undefined) return false;
  return news.to === 'running' || news.to === 'unconnected';
}

/** And was not before, as far as anybody knew. */
function isThereNow(news: PartNews): boolean {
  if (news.kind === 'step_failed' || news.to === 'absent') return false;
  return news.from === undefined || news.from === 'absent';
}

function isDeletion(news: PartNews): boolean {
  if (news.kind !== 'step_done' || news.to !== 'absent') return false;
  return news.cause.kind === 'time' && news.cause.after === 'delete_after';
}

function workspaceAsleep(): FactoryError {
  return new FactoryError('WORKSPACE_ASLEEP', 'Your workspace went to sleep; connect again.');
}

function clusterDown(): FactoryError {
  return new FactoryError(
    'CLUSTER_ASLEEP',
    'The cluster was taken down by a command; `cluster start` brings it back.',
  );
}

function withoutCluster(): FactoryError {
  return new FactoryError('LAB_WITHOUT_CLUSTER', 'This lab has no cluster.');
}
