import { asFactoryError } from '../errors/factory-error.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import { backOff } from './parts/back-off.ts';
import type { Routes } from './ports/routes.ts';
import type { Runtime } from './ports/runtime.ts';

interface EraserOptions {
  readonly key: WorkspaceKey;
  readonly runtime: Runtime;
  readonly routes: Routes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Takes away what container and cluster leave behind when a workspace is deleted: its network, its route, and its home if wanted. */
export class Eraser {
  readonly #options: EraserOptions;
  #work: Promise<void> | undefined;
  #retry: Disposable | undefined;
  #failures = 0;

  constructor(options: EraserOptions) {
    this.#options = options;
  }

  /** Calls `done` when all is gone. While it is under way, or waits for its next try, this does nothing. */
  erase(home: boolean, done: () => void): void {
    if (this.#work !== undefined || this.#retry !== undefined || this.#options.signal.aborted) return;
    this.#work = this.#erase(home, done);
  }

  /** Resolves when nothing is being erased: nothing may be made before. Rejects when `signal` aborts. */
  async over(signal: AbortSignal): Promise<void> {
    await this.#work;
    signal.throwIfAborted();
  }

  async settled(): Promise<void> {
    this.#retry?.[Symbol.dispose]();
    await this.#work;
  }

  async #erase(home: boolean, done: () => void): Promise<void> {
    const { key, runtime, routes, clock, random, logger, signal } = this.#options;
    try {
      await runtime.erase(key, { home }, signal);
      await routes.remove(key, signal);
      this.#failures = 0;
      this.#work = undefined;
      done();
    } catch (thrown) {
      this.#work = undefined;
      if (signal.aborted) return;
      this.#failures += 1;
      const delay = backOff(this.#failures, random());
      logFailure(logger, asFactoryError(thrown), { retryInMs: delay });
      this.#retry = clock.schedule(delay, () => {
        this.#retry = undefined;
        this.erase(home, done);
      });
    }
  }
}
