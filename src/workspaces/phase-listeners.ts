import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';

/** Who wants to hear of changes of which workspace, whether it is known already or not. */
export class PhaseListeners {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** The workspaces that somebody listens to. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Until the handle is disposed. */
  add(key: WorkspaceKey, listener: () => void): Disposable {
    const name = formatWorkspaceKey(key);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // A function of its own, as one listener may be added twice.
    const own = () => listener();
    listeners.add(own);
    return {
      [Symbol.dispose]: () => {
        listeners.delete(own);
        // Another set may have taken the place of one that was empty.
        if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
      },
    };
  }

  tell(key: WorkspaceKey): void {
    for (const listener of [...(this.#listeners.get(formatWorkspaceKey(key)) ?? [])]) listener();
  }
}
