import { setMaxListeners } from 'node:events';
import type { Connection } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';

/** How long a client gets to take what was already written; ms. */
const FLUSH_TIME = 2_000;

/**
 * The life of one client's connection: over, once and for good, at the first sign of its end. Every error of the
 * connection ends here, so that none becomes an uncaught exception.
 */
export class ConnectionLifetime {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly #closed = Promise.withResolvers<void>();

  constructor(connection: Connection, clock: Clock, logger: Logger) {
    this.#connection = connection;
    this.#clock = clock;
    // Each channel listens.
    setMaxListeners(0, this.#over.signal);
    connection.on('error', (error: Error) => {
      logger.debug({ err: error }, 'connection error');
      // A keepalive time-out: the peer is dead, so a polite end would wait for it until TCP gives up.
      if ('level' in error && error.level === 'client-timeout') connection.socket.destroy();
      this.#finish();
    });
    connection.on('end', () => this.#finish());
    connection.on('close', () => {
      this.#finish();
      this.#closed.resolve();
    });
  }

  /** Aborts when the connection is over; nothing may be sent then. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when the socket is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Says good-bye, lets the client take what was written, and ends. */
  end(): void {
    if (this.#over.signal.aborted) return;
    try {
      this.#connection.end();
    } finally {
      this.#finish();
    }
  }

  /** For a client that breaks the rules. */
  destroy(): void {
    this.#connection.socket.destroy();
    this.#finish();
  }

  #finish(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    const { socket } = this.#connection;
    socket.end();
    const timer = this.#clock.schedule(FLUSH_TIME, () => socket.destroy());
    socket.once('close', () => timer[Symbol.dispose]());
  }
}
