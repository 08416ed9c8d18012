import { FactoryError } from '../../errors/factory-error.ts';
import type { ClusterDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clusters } from '../ports/clusters.ts';
import type { Progress } from '../ports/progress.ts';
import type { Routes } from '../ports/routes.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { WorkspaceAction } from '../workspace-access.ts';
import type { PartDriver } from './part-driver.ts';
import type { PartState } from './part-state.ts';

export interface ClusterDriverOptions {
  readonly key: WorkspaceKey;
  /** Undefined: the lab is no longer defined; its clusters can still be suspended and removed. */
  readonly definition: ClusterDefinition | undefined;
  readonly clusters: Clusters;
  readonly routes: Routes;
  readonly runtime: Runtime;
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

  async observe(signal: AbortSignal): Promise<PartState> {
    const state = await this.#options.clusters.observe(this.#options.key, signal);
    return state === 'running' && !this.#connected ? 'unconnected' : state;
  }

  async run(action: WorkspaceAction, progress: Progress, signal: AbortSignal): Promise<void> {
    const { key, definition, clusters } = this.#options;
    switch (action) {
      case 'create':
        if (definition === undefined)
          throw new FactoryError('LAB_UNKNOWN', 'This lab is no longer offered here.');
        await clusters.create(key, definition, progress, signal);
        this.#answered = true;
        return;
      case 'start':
        await clusters.start(key, progress, signal);
        this.#answered = true;
        return;
      case 'resume':
        await clusters.resume(key, progress, signal);
        this.#answered = true;
        return;
      case 'connect':
        if (!this.#answered) await clusters.resume(key, progress, signal);
        this.#answered = true;
        progress('connecting');
        return this.#connect(signal);
      case 'suspend':
        await this.#routeToSleep(signal);
        return clusters.suspend(key, signal);
      case 'stop':
        await this.#routeToSleep(signal);
        return clusters.stop(key, signal);
      case 'remove':
        await this.#routeToSleep(signal);
        return clusters.remove(key, signal);
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { key, clusters, routes, runtime, containerReady } = this.#options;
    const awake = async () => {
      const addresses = await clusters.addresses(key, signal);
      await routes.set(key, { kind: 'awake', addresses }, signal);
    };
    const attach = async () => {
      const [attachment] = await Promise.all([clusters.attachment(key, signal), containerReady(signal)]);
      await runtime.attach(key, attachment, signal);
    };
    this.#connected = true;
    try {
      await Promise.all([awake(), attach()]);
    } catch (error) {
      this.#connected = false;
      throw error;
    }
  }

  /** Before the nodes are paused: a request to a paused node hangs. */
  #routeToSleep(signal: AbortSignal): Promise<void> {
    this.#connected = false;
    return this.#options.routes.set(this.#options.key, { kind: 'asleep' }, signal);
  }
}
