import type { Logger } from '../../logging/logger.ts';

/** So many containers are worked at side by side; the others wait for the next look. */
const MOST = 8;

/** What is done to containers of the front beside the looks at them: one thing at a time to each. */
export class ContainerJobs {
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  readonly #onDone: () => void;
  readonly #running = new Map<string, Promise<void>>();

  /** `onDone`: called after each that was not in vain. Those under way end with `signal`. */
  constructor(options: {
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly onDone: () => void;
  }) {
    this.#logger = options.logger;
    this.#signal = options.signal;
    this.#onDone = options.onDone;
  }

  /** Does nothing where something is under way for the container, or where enough is. What fails is tried by who asks again. */
  begin(container: string, what: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#running.has(container) || this.#running.size >= MOST || this.#signal.aborted) return;
    const done = work(this.#signal)
      .then(() => true)
      .catch((err: unknown) => {
        if (!this.#signal.aborted)
          this.#logger.warn({ err, container }, `could not ${what}; it is tried again`);
        return false;
      })
      .then((succeeded) => {
        this.#running.delete(container);
        if (succeeded) this.#onDone();
      });
    this.#running.set(container, done);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
