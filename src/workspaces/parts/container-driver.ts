import { FactoryError } from '../../errors/factory-error.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { WorkspaceAction } from '../workspace-access.ts';
import type { PartDriver, StepContext, StepOutcome } from './part-driver.ts';
import type { PartState } from './part-state.ts';
import { STEP_LIMITS } from './step-limits.ts';

/** The container of a workspace as a part to reconcile. */
export class ContainerDriver implements PartDriver {
  readonly name = 'container';
  readonly #key: WorkspaceKey;
  readonly #lab: LabDefinition | undefined;
  readonly #runtime: Runtime;
  readonly #erased: (signal: AbortSignal) => Promise<void>;
  readonly #onNewProcesses: () => void;

  /**
   * `erased`: resolves when nothing of an earlier container is being taken away. `onNewProcesses`: the container was made or
   * started, so it knows nothing of its cluster.
   */
  constructor(options: {
    key: WorkspaceKey;
    /** Undefined: the lab is no longer defined; its workspaces can still be suspended and removed. */
    lab: LabDefinition | undefined;
    runtime: Runtime;
    erased: (signal: AbortSignal) => Promise<void>;
    onNewProcesses: () => void;
  }) {
    this.#key = options.key;
    this.#lab = options.lab;
    this.#runtime = options.runtime;
    this.#erased = options.erased;
    this.#onNewProcesses = options.onNewProcesses;
  }

  limit(action: WorkspaceAction): number {
    return STEP_LIMITS[action];
  }

  observe(signal: AbortSignal): Promise<PartState> {
    return this.#runtime.observe(this.#key, signal);
  }

  async run(action: WorkspaceAction, context: StepContext): Promise<StepOutcome> {
    await this.#run(action, context);
    return 'done';
  }

  async #run(action: WorkspaceAction, { progress, signal }: StepContext): Promise<void> {
    switch (action) {
      case 'create':
        if (this.#lab === undefined)
          throw new FactoryError('LAB_UNKNOWN', 'This lab is no longer offered here.');
        await this.#erased(signal);
        return await this.#withNewProcesses(this.#runtime.create(this.#key, this.#lab, progress, signal));
      case 'start':
        return await this.#withNewProcesses(this.#runtime.start(this.#key, signal));
      case 'resume':
        return this.#runtime.resume(this.#key, signal);
      case 'suspend':
        return this.#runtime.suspend(this.#key, signal);
      case 'stop':
        return this.#runtime.stop(this.#key, signal);
      case 'remove':
      case 'reset':
        return this.#runtime.remove(this.#key, signal);
      case 'connect':
        return; // A container is never `unconnected`.
    }
  }

  /** What failed may have been done all the same, only its answer was lost. */
  async #withNewProcesses(step: Promise<void>): Promise<void> {
    try {
      await step;
    } finally {
      this.#onNewProcesses();
    }
  }
}
