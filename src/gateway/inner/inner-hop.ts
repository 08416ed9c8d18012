import { type InnerConnection, type InnerOptions, openInnerConnection } from './inner-connection.ts';

/**
 * The one inner connection behind a client's connection, shared by its channels. It is opened ahead of the first channel,
 * and again for the next channel after it was lost (a rebuilt container, a restarted sshd).
 */
export class InnerHop {
  readonly #options: InnerOptions;
  readonly #signal: AbortSignal;
  readonly #onOpen: (inner: InnerConnection) => void;
  #current: Promise<InnerConnection> | undefined;

  /**
   * @param signal aborts when the client's connection is over, which ends the inner one too
   * @param onOpen called with each inner connection, after those who waited for it have asked for their channels
   */
  constructor(options: InnerOptions, signal: AbortSignal, onOpen: (inner: InnerConnection) => void) {
    this.#options = options;
    this.#signal = signal;
    this.#onOpen = onOpen;
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
      setImmediate(() => this.#onOpen(inner));
    }, forget);
    return opening;
  }
}
