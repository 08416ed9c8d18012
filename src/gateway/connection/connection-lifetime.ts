import { setMaxListeners } from 'node:events';
import type { Connection } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import { type ConnectionEnd, endOfError, endOfStream } from './connection-end.ts';

/**
 * For a client to show what it has read. ssh(1) shows nothing more once it has read that the connection ends, and answers a ping
 * before it shows what came ahead of it; ms.
 */
const SHOWING_TIME = 500;

/** How long a client gets to take what was already written; ms. */
const FLUSH_TIME = 2_000;

/**
 * The life of one client's connection: over, once and for good, at the first sign of its end. Every error of the
 * connection ends here, so that none becomes an uncaught exception.
 */
export class ConnectionLifetime {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #limits: Pick<GatewayLimits, 'reading'>;
  readonly #over = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #reason: ConnectionEnd | undefined;
  #intended: ConnectionEnd | undefined;

  constructor(connection: Connection, limits: Pick<GatewayLimits, 'reading'>, clock: Clock, logger: Logger) {
    this.#connection = connection;
    this.#limits = limits;
    this.#clock = clock;
    // Each channel listens.
    setMaxListeners(0, this.#over.signal);
    connection.on('error', (error: Error) => {
      logger.debug({ err: error }, 'connection error');
      // A keepalive time-out: the peer is dead, so a polite end would wait for it until TCP gives up.
      if ('level' in error && error.level === 'client-timeout') connection.socket.destroy();
      this.#finish(endOfError(error, connection.socket));
    });
    connection.on('end', () => this.#finish(endOfStream(connection.socket)));
    connection.on('close', () => {
      this.#finish('lost');
      this.#closed.resolve();
    });
  }

  /** Aborts when the connection is over; nothing may be sent then. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** How it ended; undefined: it has not. The first sign of the end decides. */
  get reason(): ConnectionEnd | undefined {
    return this.#reason;
  }

  /** Resolves when the socket is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Says good-bye, lets the client take what was written, and ends. */
  end(reason: ConnectionEnd): void {
    if (this.#over.signal.aborted) return;
    try {
      this.#connection.end();
    } finally {
      this.#finish(reason);
    }
  }

  /**
   * The same, when the client has read what it was just told and has had a moment to show it; or when it does not answer in time. However
   * it ends until then, this was the reason.
   */
  endSoon(reason: ConnectionEnd): void {
    if (this.#over.signal.aborted || this.#intended !== undefined) return;
    this.#intended = reason;
    // Before the login nobody is told anything, and no client may be asked.
    if (!this.#connection.authenticated) {
      this.#endIn(SHOWING_TIME, reason);
      return;
    }
    this.#endIn(this.#limits.reading, reason);
    this.#connection.ping(() => this.#endIn(SHOWING_TIME, reason));
  }

  /** For a client that breaks the rules. */
  destroy(): void {
    this.#connection.socket.destroy();
    this.#finish('protocol_error');
  }

  #endIn(delay: number, reason: ConnectionEnd): void {
    if (this.#over.signal.aborted) return;
    const timer = this.#clock.schedule(delay, () => this.end(reason));
    this.#over.signal.addEventListener('abort', () => timer[Symbol.dispose](), { once: true });
  }

  #finish(reason: ConnectionEnd): void {
    if (this.#over.signal.aborted) return;
    this.#reason = this.#intended ?? reason;
    this.#over.abort();
    const { socket } = this.#connection;
    socket.end();
    const timer = this.#clock.schedule(FLUSH_TIME, () => socket.destroy());
    socket.once('close', () => timer[Symbol.dispose]());
  }
}
