import type { Progress } from '../workspaces/ports/progress.ts';

type Pull = (image: string, progress: Progress, signal: AbortSignal) => Promise<void>;

interface RunningPull {
  readonly done: Promise<void>;
  readonly waiting: Set<Progress>;
  readonly end: AbortController;
  lastStep: string | undefined;
}

/** One pull an image however many wait for it; it ends when the last of them gives up. */
export class SharedPulls {
  readonly #pull: Pull;
  readonly #running = new Map<string, RunningPull>();

  constructor(pull: Pull) {
    this.#pull = pull;
  }

  async join(image: string, progress: Progress, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const running = this.#running.get(image) ?? this.#begin(image);
    // Its own function: two who wait with the same one count as two.
    const listener: Progress = (step) => progress(step);
    running.waiting.add(listener);
    if (running.lastStep !== undefined) listener(running.lastStep);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([running.done, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      running.waiting.delete(listener);
      if (running.waiting.size === 0) this.#finish(image, running);
    }
  }

  #begin(image: string): RunningPull {
    const end = new AbortController();
    const waiting = new Set<Progress>();
    const announce: Progress = (step) => {
      running.lastStep = step;
      for (const listener of waiting) listener(step);
    };
    // Begins in a later tick: `announce` needs `running`.
    const done = Promise.resolve().then(() => this.#pull(image, announce, end.signal));
    const running: RunningPull = { done, waiting, end, lastStep: undefined };
    this.#running.set(image, running);
    return running;
  }

  #finish(image: string, running: RunningPull): void {
    if (this.#running.get(image) === running) this.#running.delete(image);
    running.end.abort();
  }
}
