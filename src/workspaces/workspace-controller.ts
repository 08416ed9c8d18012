import { FactoryError } from '../errors/factory-error.ts';
import type { LabDefinition, Lifecycle } from '../labs/lab-definition.ts';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import { desiredState, type Presence } from './desired-state.ts';
import type { HeldLease } from './held-lease.ts';
import { ClusterDriver } from './parts/cluster-driver.ts';
import { ContainerDriver } from './parts/container-driver.ts';
import { PartReconciler } from './parts/part-reconciler.ts';
import type { Clusters } from './ports/clusters.ts';
import type { Routes } from './ports/routes.ts';
import type { Runtime } from './ports/runtime.ts';
import type { LifecycleNews, Phase, SessionEnd } from './workspace-access.ts';
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
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts what is under way when the factory closes. */
  readonly signal: AbortSignal;
}

/**
 * The only one who decides about a workspace. Inputs: leases, time, wake-ups from Docker. Its two parts, container and cluster,
 * go towards the same desired state side by side, each one step at a time.
 */
export class WorkspaceController {
  readonly key: WorkspaceKey;
  readonly lab: LabDefinition | undefined;
  readonly container: PartReconciler;
  readonly cluster: PartReconciler;
  readonly #options: WorkspaceControllerOptions;
  readonly #leases = new Set<HeldLease>();
  readonly #listeners = new Set<() => void>();
  #emptySince: number;
  #timer: Disposable | undefined;

  constructor(options: WorkspaceControllerOptions) {
    const { key, lab, clock, ports } = options;
    this.key = key;
    this.lab = lab;
    this.#options = options;
    this.#emptySince = clock.now();
    const logger = options.logger.child({ workspace: formatWorkspaceKey(key) });
    const shared = {
      desired: () => this.#desire().state,
      onPhaseChange: () => this.#notify(),
      clock,
      logger,
      signal: options.signal,
    };
    const clusterDriver = new ClusterDriver({
      key,
      definition: lab?.cluster,
      ...ports,
      containerReady: (signal) => this.container.ready(signal),
    });
    const containerDriver = new ContainerDriver({
      key,
      lab,
      runtime: ports.runtime,
      onNewProcesses: () => {
        clusterDriver.disconnect();
        this.cluster.wake();
      },
    });
    this.container = new PartReconciler({ ...shared, driver: containerDriver });
    // A cluster from before it was taken out of the lab sleeps, whoever is there.
    const desired = this.#offersCluster ? shared.desired : () => 'stopped' as const;
    this.cluster = new PartReconciler({ ...shared, desired, driver: clusterDriver });
    this.#armTimer();
  }

  get clusterPhase(): Phase {
    return this.#offersCluster ? this.cluster.phase : { kind: 'none' };
  }

  snapshot(): WorkspaceSnapshot {
    const cluster = this.cluster.snapshot();
    const isLeftOver = cluster.observed !== undefined && cluster.observed.state !== 'absent';
    return {
      key: this.key,
      labDefined: this.lab !== undefined,
      desire: this.#desire(),
      leases: [...this.#leases],
      pin: undefined,
      order: undefined,
      deleteAt: undefined,
      container: this.container.snapshot(),
      cluster: this.#offersCluster || isLeftOver ? cluster : undefined,
    };
  }

  hold(lease: HeldLease): void {
    this.#leases.add(lease);
    this.#presenceChanged();
  }

  /** Idempotent. The grace time begins when the last lease goes. */
  release(lease: HeldLease, _reason: SessionEnd): void {
    if (!this.#leases.delete(lease)) return;
    if (this.#leases.size === 0) this.#emptySince = this.#options.clock.now();
    this.#presenceChanged();
  }

  /** Look again: something outside may have changed. */
  wake(): void {
    this.container.wake();
    this.cluster.wake();
  }

  /** Makes one part anew. Resolves when the new one is of use. */
  async reset(part: 'container' | 'cluster', _by: string, signal: AbortSignal): Promise<void> {
    if (part === 'cluster' && !this.#offersCluster) return this.clusterReady(signal);
    this[part].rebuild();
    await this[part].ready(signal);
  }

  lifecycleNews(): LifecycleNews {
    return { deletedAt: undefined, deletedAfter: undefined };
  }

  clusterReady(signal: AbortSignal): Promise<void> {
    if (this.#offersCluster) return this.cluster.ready(signal);
    return Promise.reject(new FactoryError('LAB_WITHOUT_CLUSTER', 'This lab has no cluster.'));
  }

  onPhaseChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await Promise.all([this.container.settled(), this.cluster.settled()]);
  }

  /** Of a lab that is no longer defined nobody knows; there, what is found counts. */
  get #offersCluster(): boolean {
    return this.lab === undefined || this.lab.cluster !== undefined;
  }

  #presence(): Presence {
    return this.#leases.size > 0 ? { kind: 'present' } : { kind: 'empty', since: this.#emptySince };
  }

  #desire() {
    return desiredState(this.#presence(), this.#options.lifecycle, this.#options.clock.now());
  }

  #presenceChanged(): void {
    this.#armTimer();
    this.#wakeNow();
  }

  #wakeNow(): void {
    this.container.wakeNow();
    this.cluster.wakeNow();
  }

  #armTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const { until } = this.#desire();
    if (until === undefined || this.#options.signal.aborted) return;
    const delay = Math.max(0, until - this.#options.clock.now());
    this.#timer = this.#options.clock.schedule(delay, () => {
      this.#armTimer();
      this.#wakeNow();
    });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
