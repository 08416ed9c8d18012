import { FactoryError } from '../../errors/factory-error.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { PREPARING } from '../initialization.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { WorkspaceAction } from '../workspace-access.ts';
import type { PartDriver, StepContext, StepOutcome } from './part-driver.ts';
import type { PartState } from './part-state.ts';
import { STEP_LIMITS } from './step-limits.ts';

/** The container of a workspace as a part to reconcile. */
export class ContainerDriver implements PartDriver {
  readonly name = 'container';
  readonly #key: WorkspaceKey;
  readonly #lab: () => LabDefinition | undefined;
  readonly #configured: (signal: AbortSignal) => Promise<unknown> | undefined;
  readonly #runtime: Runtime;
  readonly #erased: (signal: AbortSignal) => Promise<void>;
  readonly #onNewProcesses: () => void;

  /**
   * `configured`: resolves when what the lab's templates need was given; undefined: nothing is waited for. `erased`: resolves when nothing
   * of an earlier container is being taken away. `onNewProcesses`: the container was made or started, so it
   * knows nothing of its cluster.
   */
  constructor(options: {
    key: WorkspaceKey;
    /** As it is now. Undefined: it is no longer defined; its workspaces can still be suspended and removed. Throws `LAB_INVALID`. */
    lab: () => LabDefinition | undefined;
    runtime: Runtime;
    configured: (signal: AbortSignal) => Promise<unknown> | undefined;
    erased: (signal: AbortSignal) => Promise<void>;
    onNewProcesses: () => void;
  }) {
    this.#key = options.key;
    this.#lab = options.lab;
    this.#runtime = options.runtime;
    this.#configured = options.configured;
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
    if (action === 'create') return await this.#create(context);
    await this.#run(action, context);
    return 'done';
  }

  async #run(action: Exclude<WorkspaceAction, 'create'>, { signal }: StepContext): Promise<void> {
    switch (action) {
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

  async #create({ progress, stillWanted, signal }: StepContext): Promise<StepOutcome> {
    const configured = this.#configured(signal);
    if (configured !== undefined) {
      progress(PREPARING);
      await configured;
    }
    if (!stillWanted()) return 'called_off';
    const lab = this.#lab();
    if (lab === undefined) throw new FactoryError('LAB_UNKNOWN', 'This lab is no longer offered here.');
    await this.#erased(signal);
    await this.#withNewProcesses(this.#runtime.create(this.#key, lab, progress, signal));
    return 'done';
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
