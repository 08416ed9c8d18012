import { FactoryError } from '../errors/factory-error.ts';
import type { LabDefinition, Lifecycle } from '../labs/lab-definition.ts';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import { DeletionNotice } from './deletion-notice.ts';
import {
  type Desire,
  desiredState,
  type Order,
  type Presence,
  partTarget,
  tiersOf,
} from './desired-state.ts';
import { Eraser } from './eraser.ts';
import { ClusterDriver } from './parts/cluster-driver.ts';
import { ContainerDriver } from './parts/container-driver.ts';
import { type PartNews, PartReconciler } from './parts/part-reconciler.ts';
import type { PartState } from './parts/part-state.ts';
import type { Clusters } from './ports/clusters.ts';
import type { Cause, Events, PartName } from './ports/events.ts';
import type { Pin, WorkspaceRecords } from './ports/records.ts';
import type { Routes } from './ports/routes.ts';
import type { Runtime } from './ports/runtime.ts';
import type { HeldLease } from './sessions/held-lease.ts';
import type { LifecycleNews, Phase, SessionEnd } from './workspace-access.ts';
import { workspaceEvents } from './workspace-events.ts';
import type { WorkspaceSnapshot } from './workspace-snapshot.ts';

/** The parts of the world that a workspace is made of. */
export interface WorkspacePorts {
  readonly runtime: Runtime;
  readonly clusters: Clusters;
  readonly routes: Routes;
}

export interface WorkspaceControllerOptions {
  readonly key: WorkspaceKey;
  /** Undefined: found in Docker, but its lab is no longer defined. It can only go to sleep. */
  readonly lab: LabDefinition | undefined;
  readonly lifecycle: Lifecycle;
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
  readonly lab: LabDefinition | undefined;
  readonly container: PartReconciler;
  readonly cluster: PartReconciler;
  readonly #options: WorkspaceControllerOptions;
  readonly #events: ReturnType<typeof workspaceEvents>;
  readonly #leases = new Set<HeldLease>();
  readonly #listeners = new Set<() => void>();
  readonly #notBefore: number;
  readonly #deletionNotice: DeletionNotice;
  readonly #eraser: Eraser;
  #emptySince: number;
  #pin: Pin | undefined;
  #order: Order | undefined;
  #deletedAt: number | undefined;
  #timer: Disposable | undefined;

  constructor(options: WorkspaceControllerOptions) {
    const { key, lab, lifecycle, clock, random, ports, records } = options;
    const logger = options.logger.child({ workspace: formatWorkspaceKey(key) });
    const record = records.read(key);
    this.key = key;
    this.lab = lab;
    this.#options = options;
    this.#events = workspaceEvents(key, options.events, clock);
    this.#emptySince = record?.emptySince ?? clock.now();
    this.#notBefore = clock.now() + lifecycle.grace;
    this.#pin = record?.pin;
    this.#deletedAt = record?.deletedAt;
    this.#deletionNotice = new DeletionNotice(record?.deletionAnnounced);
    const { signal } = options;
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
      definition: lab?.cluster,
      ...ports,
      containerReady: (bounded) => this.container.ready(bounded),
    });
    const containerDriver = new ContainerDriver({
      key,
      lab,
      runtime: ports.runtime,
      erased: (bounded) => this.#eraser.over(bounded),
      onNewProcesses: () => {
        clusterDriver.disconnect();
        this.cluster.wake();
      },
    });
    const desired = (part: PartName) => () => this.#desireOf(part);
    this.container = new PartReconciler({
      ...shared,
      desired: desired('container'),
      driver: containerDriver,
    });
    this.cluster = new PartReconciler({ ...shared, desired: desired('cluster'), driver: clusterDriver });
    this.#armTimer();
  }

  get clusterPhase(): Phase {
    return this.#offersCluster ? this.cluster.phase : { kind: 'none' };
  }

  /** Those that are held now. */
  get leases(): ReadonlySet<HeldLease> {
    return this.#leases;
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
    return this.#order;
  }

  get emptySince(): number {
    return this.#emptySince;
  }

  snapshot(): WorkspaceSnapshot {
    const cluster = this.cluster.snapshot();
    const isLeftOver = cluster.observed !== undefined && cluster.observed.state !== 'absent';
    const hasCluster = this.#offersCluster || isLeftOver;
    const desire = this.desire();
    return {
      key: this.key,
      labDefined: this.lab !== undefined,
      desire,
      leases: [...this.#leases],
      pin: this.#livePin,
      // One that time has overtaken is of no interest.
      order: this.#order?.state === desire.state ? ORDERED[this.#order.state] : undefined,
      deleteAt: hasCluster && cluster.observed?.state !== 'absent' ? this.#deleteAt : undefined,
      container: this.container.snapshot(),
      cluster: hasCluster ? cluster : undefined,
    };
  }

  desire(): Desire {
    const circumstances = {
      presence: this.#presence(),
      pin: this.#pin,
      order: this.#order,
      notBefore: this.#notBefore,
    };
    return desiredState(circumstances, this.#options.lifecycle, this.#options.clock.now());
  }

  hold(lease: HeldLease): void {
    this.#leases.add(lease);
    // Who comes wants it awake, whatever was ordered before.
    this.#order = undefined;
    this.#events.sessionBegan(lease);
    this.#circumstancesChanged();
  }

  /** Idempotent. The grace time begins when the last lease goes. */
  release(lease: HeldLease, reason: SessionEnd): void {
    if (!this.#leases.delete(lease)) return;
    const last = this.#leases.size === 0;
    if (last) this.#emptySince = this.#options.clock.now();
    this.#events.sessionEnded(lease, reason, last);
    this.#circumstancesChanged();
  }

  /** Takes the place of an earlier order. One that leads to sleep ends a pin, and waits until nobody is there. */
  give(order: Order): void {
    if (order.state !== 'awake') this.#pin = undefined;
    this.#order = order;
    this.#circumstancesChanged();
  }

  /** Keeps it awake until then; undefined: no longer, and the grace time begins. */
  pin(pin: Pin | undefined): void {
    if (pin === undefined && this.#livePin !== undefined && this.#leases.size === 0) {
      this.#emptySince = this.#options.clock.now();
    }
    if (pin !== undefined) this.#order = undefined;
    this.#pin = pin;
    this.#circumstancesChanged();
  }

  /** Looks again: something outside may have changed. */
  wake(): void {
    this.container.wake();
    this.cluster.wake();
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
    if (part === 'cluster' && !this.#offersCluster) throw withoutCluster();
    this[part].reset({ kind: 'command', command: 'reset', by });
  }

  clusterReady(signal: AbortSignal): Promise<void> {
    return this.#offersCluster ? this.cluster.ready(signal) : Promise.reject(withoutCluster());
  }

  /** Resolves when both parts are of use; rejects as `ready` does. */
  async awake(signal: AbortSignal): Promise<void> {
    const cluster = this.#offersCluster ? this.cluster.ready(signal) : undefined;
    await Promise.all([this.container.ready(signal), cluster]);
  }

  /** What the student is to know as a session begins; only the first who asks hears of a deletion. */
  lifecycleNews(): LifecycleNews {
    const deletedAt = this.#deletedAt;
    this.#deletedAt = undefined;
    if (deletedAt !== undefined) this.#keepRecord();
    const { deleteAt } = tiersOf(0, this.#options.lifecycle);
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

  get #livePin(): Pin | undefined {
    return this.#pin !== undefined && this.#options.clock.now() < this.#pin.until ? this.#pin : undefined;
  }

  /** When the cluster is deleted if nobody comes. */
  get #deleteAt(): number | undefined {
    if (this.#leases.size > 0 || this.#livePin !== undefined) return undefined;
    const since = Math.max(this.#emptySince, this.#pin?.until ?? 0);
    return tiersOf(since, this.#options.lifecycle, this.#notBefore).deleteAt;
  }

  #presence(): Presence {
    const [first] = this.#leases;
    if (first === undefined) return { kind: 'empty', since: this.#emptySince };
    return { kind: 'present', client: first.holder.clientAddress };
  }

  #desireOf(part: PartName) {
    const { state, cause } = this.desire();
    const target = partTarget(part, state);
    // A cluster from before it was taken out of the lab sleeps, whoever is there.
    const sleeps = part === 'cluster' && !this.#offersCluster && target !== 'absent';
    return { target: sleeps ? ('stopped' as const) : target, cause };
  }

  #circumstancesChanged(): void {
    this.#keepRecord();
    this.#armTimer();
    this.wakeNow();
  }

  #armTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const { clock, signal } = this.#options;
    if (signal.aborted) return;
    const now = clock.now();
    const announceAt = this.#deletionNotice.dueAt(this.#deleteAt, this.#options.lifecycle, now);
    const times = [this.desire().next?.at, announceAt];
    const next = Math.min(...times.filter((time) => time !== undefined));
    if (!Number.isFinite(next)) return;
    this.#timer = clock.schedule(Math.max(0, next - now), () => {
      this.#announceDeletion();
      this.#armTimer();
      this.wakeNow();
    });
  }

  #announceDeletion(): void {
    const deleteAt = this.#deleteAt;
    const now = this.#options.clock.now();
    if (deleteAt === undefined || !this.#deletionNotice.isDue(deleteAt, this.#options.lifecycle, now)) return;
    this.#deletionNotice.announced(deleteAt);
    this.#keepRecord();
    if ((this.cluster.snapshot().observed?.state ?? 'absent') !== 'absent')
      this.#events.deletionAhead(deleteAt);
  }

  #partNews(part: PartName, news: PartNews): void {
    this.#events.partNews(part, news);
    if (news.kind === 'found' && news.from === undefined) this.#adopt(news.to);
    if (part !== 'cluster' || news.kind !== 'step_done' || news.to !== 'absent') return;
    if (!isDeletion(news.cause)) return;
    this.#deletedAt = this.#options.clock.now();
    this.#keepRecord();
  }

  /** What runs when the factory starts goes through all tiers from the beginning, however long no factory ran. */
  #adopt(found: PartState): void {
    const runs = found === 'running' || found === 'unconnected';
    if (!runs || this.#leases.size > 0) return;
    this.#emptySince = Math.max(this.#emptySince, this.#notBefore - this.#options.lifecycle.grace);
    this.#keepRecord();
    this.#armTimer();
  }

  #phaseChanged(): void {
    this.#followOrder();
    for (const listener of [...this.#listeners]) listener();
  }

  /** An order to wake ends when it is awake; one to delete goes on to what the parts leave behind. */
  #followOrder(): void {
    const order = this.#order;
    if (order === undefined || this.#leases.size > 0) return;
    if (order.state === 'awake' && this.#isAwake) {
      this.#order = undefined;
      this.#emptySince = this.#options.clock.now();
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
      if (this.#order?.state !== 'gone') return;
      this.#order = undefined;
      this.#deletedAt = undefined;
      this.#options.records.forget(this.key);
      this.#armTimer();
      this.#phaseChanged();
    });
  }

  #keepRecord(): void {
    this.#options.records.write(this.key, {
      emptySince: this.#leases.size > 0 ? undefined : this.#emptySince,
      pin: this.#livePin,
      deletedAt: this.#deletedAt,
      deletionAnnounced: this.#deletionNotice.last,
    });
  }
}

const ORDERED = {
  awake: undefined,
  suspended: 'suspend',
  stopped: 'stop',
  gone: 'delete',
} as const satisfies Record<Order['state'], WorkspaceSnapshot['order']>;

function isDeletion(cause: Cause): boolean {
  return cause.kind === 'time' && cause.after === 'delete_after';
}

function withoutCluster(): FactoryError {
  return new FactoryError('LAB_WITHOUT_CLUSTER', 'This lab has no cluster.');
}
