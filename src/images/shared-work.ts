import { orAborted } from '../time/or-aborted.ts';
import type { Progress } from '../workspaces/ports/progress.ts';

type Work<T> = (wanted: T, progress: Progress, signal: AbortSignal) => Promise<void>;

interface RunningWork {
  readonly done: Promise<void>;
  readonly waiting: Set<Progress>;
  readonly end: AbortController;
  lastStep: string | undefined;
}

/** One pull or build of an image however many wait for it; it ends when the last of them gives up. */
export class SharedWork<T> {
  readonly #work: Work<T>;
  readonly #nameOf: (wanted: T) => string;
  readonly #running = new Map<string, RunningWork>();

  /** What has the same name is the same work. */
  constructor(work: Work<T>, nameOf: (wanted: T) => string) {
    this.#work = work;
    this.#nameOf = nameOf;
  }

  async join(wanted: T, progress: Progress, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const name = this.#nameOf(wanted);
    const running = this.#running.get(name) ?? this.#begin(name, wanted);
    // Its own function: two who wait with the same one count as two.
    const listener: Progress = (step) => progress(step);
    running.waiting.add(listener);
    if (running.lastStep !== undefined) listener(running.lastStep);
    try {
      await orAborted(running.done, signal);
    } finally {
      running.waiting.delete(listener);
      if (running.waiting.size === 0) this.#finish(name, running);
    }
  }

  #begin(name: string, wanted: T): RunningWork {
    const end = new AbortController();
    const waiting = new Set<Progress>();
    const announce: Progress = (step) => {
      running.lastStep = step;
      for (const listener of waiting) listener(step);
    };
    // Begins in a later tick: `announce` needs `running`.
    const done = Promise.resolve().then(() => this.#work(wanted, announce, end.signal));
    const running: RunningWork = { done, waiting, end, lastStep: undefined };
    this.#running.set(name, running);
    return running;
  }

  #finish(name: string, running: RunningWork): void {
    if (this.#running.get(name) === running) this.#running.delete(name);
    running.end.abort();
  }
}
