import { type InnerConnection, type InnerOptions, openInnerConnection } from './inner-connection.ts';

/**
 * The one inner connection behind a client's connection, shared by its channels. It is opened ahead of the first channel,
 * and again for the next channel after it was lost (a rebuilt container, a restarted sshd).
 */
export class InnerHop {
  readonly #options: InnerOptions;
  readonly #signal: AbortSignal;
  readonly #opened: ((inner: InnerConnection) => void)[] = [];
  #current: Promise<InnerConnection> | undefined;

  /** @param signal aborts when the client's connection is over, which ends the inner one too */
  constructor(options: InnerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Calls `listener` with each inner connection, after those who waited for it have asked for their channels. */
  onOpen(listener: (inner: InnerConnection) => void): void {
    this.#opened.push(listener);
  }

  /** Rejects as `openInnerConnection` does; the next call then tries again. */
  connect(): Promise<InnerConnection> {
    this.#current ??= this.#open();
    return this.#current;
  }

  #open(): Promise<InnerConnection> {
    const opening = openInnerConnection(this.#options, this.#signal);
    const forget = (): void => {
      if (this.#current === opening) this.#current = undefined;
    };
    opening.then((inner) => {
      if (inner.over.aborted) return forget();
      inner.over.addEventListener('abort', forget, { once: true });
      // Before anything that it sends is read.
      setImmediate(() => {
        for (const listener of this.#opened) listener(inner);
      });
    }, forget);
    return opening;
  }
}
