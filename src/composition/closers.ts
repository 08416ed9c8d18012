import type { Logger } from '../logging/logger.ts';

interface Closer {
  readonly what: string;
  readonly close: () => Promise<void> | void;
}

/** What has been started so far, to be ended in the opposite order: at the stop, or when the start fails half-way. */
export class Closers {
  readonly #logger: Logger;
  readonly #closers: Closer[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(what: string, close: () => Promise<void> | void): void {
    this.#closers.push({ what, close });
  }

  /** One that fails keeps none of the others from ending. */
  async closeAll(): Promise<void> {
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      try {
        await closer.close();
      } catch (error) {
        this.#logger.error({ err: error, what: closer.what }, 'could not end this in good order');
      }
    }
  }
}

/** Starts something whole or not at all: where `start` fails, what it had started before has been ended. Rejects as `start` does. */
export async function startWhole<T>(logger: Logger, start: (closers: Closers) => Promise<T>): Promise<T> {
  const closers = new Closers(logger);
  try {
    return await start(closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}
