import { FactoryError } from '../../errors/factory-error.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Progress } from '../ports/progress.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { WorkspaceAction } from '../workspace-access.ts';
import type { PartDriver } from './part-driver.ts';
import type { PartState } from './part-state.ts';

/** The container of a workspace as a part to reconcile. */
export class ContainerDriver implements PartDriver {
  readonly name = 'container';
  readonly #key: WorkspaceKey;
  readonly #lab: LabDefinition | undefined;
  readonly #runtime: Runtime;
  readonly #onNewProcesses: () => void;

  /** `onNewProcesses`: the container was made or started, so it knows nothing of its cluster. */
  constructor(options: {
    key: WorkspaceKey;
    /** Undefined: the lab is no longer defined; its workspaces can still be suspended and removed. */
    lab: LabDefinition | undefined;
    runtime: Runtime;
    onNewProcesses: () => void;
  }) {
    this.#key = options.key;
    this.#lab = options.lab;
    this.#runtime = options.runtime;
    this.#onNewProcesses = options.onNewProcesses;
  }

  observe(signal: AbortSignal): Promise<PartState> {
    return this.#runtime.observe(this.#key, signal);
  }

  async run(action: WorkspaceAction, progress: Progress, signal: AbortSignal): Promise<void> {
    switch (action) {
      case 'create':
        if (this.#lab === undefined)
          throw new FactoryError('LAB_UNKNOWN', 'This lab is no longer offered here.');
        await this.#runtime.create(this.#key, this.#lab, progress, signal);
        return this.#onNewProcesses();
      case 'start':
        await this.#runtime.start(this.#key, signal);
        return this.#onNewProcesses();
      case 'resume':
        return this.#runtime.resume(this.#key, signal);
      case 'suspend':
        return this.#runtime.suspend(this.#key, signal);
      case 'stop':
        return this.#runtime.stop(this.#key, signal);
      case 'remove':
        return this.#runtime.remove(this.#key, signal);
      case 'connect':
        return; // A container is never `unconnected`.
    }
  }
}
