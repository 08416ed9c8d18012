import { FactoryError } from '../../errors/factory-error.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clusters } from '../ports/clusters.ts';
import type { Routes } from '../ports/routes.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { WorkspaceAction } from '../workspace-access.ts';
import type { PartDriver, StepContext, StepOutcome } from './part-driver.ts';
import type { PartState } from './part-state.ts';
import { PULL_LIMIT, STEP_LIMITS, TIDY_UP } from './step-limits.ts';

export interface ClusterDriverOptions {
  readonly key: WorkspaceKey;
  /** As it is now; undefined: it is no longer defined. What is there of a cluster can still be suspended and removed. */
  readonly lab: () => Pick<LabDefinition, 'cluster' | 'given'> | undefined;
  readonly clusters: Clusters;
  readonly routes: Routes;
  readonly runtime: Runtime;
  /** Resolves when what the lab's templates need was given; undefined: nothing is waited for. */
  readonly configured: (signal: AbortSignal) => Promise<unknown> | undefined;
  /** Resolves when the workspace's container runs. */
  readonly containerReady: (signal: AbortSignal) => Promise<void>;
}

/** The cluster of a workspace, with its route and its tie to the container, as a part to reconcile. */
export class ClusterDriver implements PartDriver {
  readonly name = 'cluster';
  readonly #options: ClusterDriverOptions;
  /** False after a start of the factory, too: telling route and container again does no harm. */
  #connected = false;
  /** False until this process saw the cluster answer: the one before us may have been killed while it started. */
  #answered = false;

  constructor(options: ClusterDriverOptions) {
    this.#options = options;
  }

  /** The container is new: it must be told of the cluster again. */
  disconnect(): void {
    this.#connected = false;
  }

  limit(action: WorkspaceAction): number {
    const definition = this.#options.lab()?.cluster;
    if (definition === undefined) return STEP_LIMITS[action];
    if (action === 'create') return definition.startTimeout + PULL_LIMIT + TIDY_UP;
    return action === 'start' ? definition.startTimeout + TIDY_UP : STEP_LIMITS[action];
  }

  async observe(signal: AbortSignal): Promise<PartState> {
    const { key, clusters, routes } = this.#options;
    const state = await clusters.observe(key, signal);
    if (state === 'running') return this.#connected ? 'running' : 'unconnected';
    if (state === 'restarted') {
      this.#connected = false;
      this.#answered = false;
      return 'unconnected';
    }
    // It went down without us, with the Docker engine for one: what is still routed there runs into nothing.
    const route = routes.current(key)?.kind;
    if (route === 'awake' || route === 'starting') await this.#routeToSleep(signal);
    return state;
  }

  async run(action: WorkspaceAction, context: StepContext): Promise<StepOutcome> {
    const { key, clusters } = this.#options;
    const { signal } = context;
    switch (action) {
      case 'create':
        return await this.#create(context);
      case 'start':
        await this.#start(context);
        return 'done';
      case 'resume':
        await this.#resume(context);
        return 'done';
      case 'connect':
        if (!this.#answered) await this.#wake('resume', context);
        context.progress('connecting');
        return await this.#connect(signal);
      case 'suspend':
        return await this.#asleep(context, () => clusters.suspend(key, signal));
      case 'stop':
        return await this.#asleep(context, () => clusters.stop(key, signal));
      case 'remove':
        return await this.#asleep(context, () => clusters.remove(key, signal));
      case 'reset':
        return await this.#asleep(context, () => clusters.setAside(key, signal));
    }
  }

  async #create({ progress, stillWanted, signal }: StepContext): Promise<StepOutcome> {
    const { key, clusters } = this.#options;
    const configured = this.#options.configured(signal);
    if (configured !== undefined) await configured;
    if (!stillWanted()) return 'called_off';
    const lab = this.#options.lab();
    if (lab?.cluster === undefined)
      throw new FactoryError('LAB_UNKNOWN', 'This lab is no longer offered here.');
    await clusters.create(key, lab.cluster, lab.given, progress, signal);
    this.#answered = true;
    return 'done';
  }

  async #wake(action: 'start' | 'resume', { progress, signal }: StepContext): Promise<void> {
    await this.#options.clusters[action](this.#options.key, progress, signal);
    this.#answered = true;
  }

  /** Where it does not come up, the next look mends the route. */
  async #start(context: StepContext): Promise<void> {
    await allOrFirstFailure([this.#wake('start', context), this.#routeTo('starting', context.signal)]);
  }

  /**
   * A route takes longer to act than nodes to wake, so it is set meanwhile. Where they do not wake, the next look finds a sleeping
   * cluster with a route that is awake, and mends that.
   */
  async #resume(context: StepContext): Promise<void> {
    await allOrFirstFailure([this.#wake('resume', context), this.#routeTo('awake', context.signal)]);
  }

  async #routeTo(kind: 'starting' | 'awake', signal: AbortSignal): Promise<void> {
    const { key, clusters, routes } = this.#options;
    const addresses = await clusters.addresses(key, signal);
    await routes.set(key, { kind, addresses }, signal);
  }

  /** The route goes to sleep first, as a request to a paused node hangs; who comes meanwhile finds the cluster as it was. */
  async #asleep({ stillWanted, signal }: StepContext, step: () => Promise<void>): Promise<StepOutcome> {
    await this.#routeToSleep(signal);
    if (!stillWanted()) return 'called_off';
    await step();
    return 'done';
  }

  #routeToSleep(signal: AbortSignal): Promise<void> {
    this.#connected = false;
    return this.#options.routes.set(this.#options.key, { kind: 'asleep' }, signal);
  }

  /** Called off where the container was made anew meanwhile. */
  async #connect(signal: AbortSignal): Promise<StepOutcome> {
    const { key, clusters, runtime, containerReady } = this.#options;
    const attach = async () => {
      const [attachment] = await Promise.all([clusters.attachment(key, signal), containerReady(signal)]);
      await runtime.attach(key, attachment, signal);
    };
    this.#connected = true;
    try {
      await allOrFirstFailure([this.#routeTo('awake', signal), attach()]);
    } catch (error) {
      this.#connected = false;
      throw error;
    }
    return this.#connected ? 'done' : 'called_off';
  }
}

/** Resolves or rejects when all have ended: one that runs on would meet the next step. */
async function allOrFirstFailure(halves: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(halves)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
