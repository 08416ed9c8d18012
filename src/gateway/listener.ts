import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '../config/factory-config.ts';
import { listenFailure } from '../errors/listen-failure.ts';
import type { Clock } from '../time/clock.ts';
import type { GatewayLimits } from './gateway-limits.ts';
import { PendingLogins } from './pending-logins.ts';

/** TCP asks a silent peer for a sign of life, for the time before SSH does; ms. */
const TCP_KEEPALIVE = 30_000;

/** How long a client that was sent away may keep its side of the connection open; ms. */
const PARTING_TIME = 2_000;

interface ListenerOptions {
  readonly limits: Pick<GatewayLimits, 'unauthenticated' | 'loginTimeout'>;
  readonly clock: Clock;
  /** Takes over a socket that may try to log in. */
  readonly onSocket: (socket: Socket) => void;
}

/** Accepts TCP connections, and ends those that do not log in in time or are too many. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #logins = new PendingLogins<Socket>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE });
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Rejects as `listenFailure` says. */
  async listen({ host, port }: ListenAddress): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ host, port }, resolve);
    try {
      await promise;
    } catch (error) {
      throw listenFailure(`The gateway cannot listen on ${host} port ${port}; choose another.`, error);
    } finally {
      this.#server.off('error', reject);
    }
    // Running out of file descriptors refuses one connection, and is no reason to end.
    this.#server.on('error', () => {});
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return address;
  }

  /** The login time-out no longer applies to this socket. */
  loggedIn(socket: Socket): void {
    this.#logins.over(socket);
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#logins.connections()) socket.destroy();
  }

  /** Resolves when there is no socket left. */
  async gone(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#sockets.size === 0) resolve();
    };
    for (const socket of this.#sockets) socket.once('close', look);
    look();
    await promise;
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.loggedIn(socket);
    });
    const { limits, clock, onSocket } = this.#options;
    // ssh2 ends our side alone, and reads on what one sends who does not go.
    socket.once('finish', () => {
      const timer = clock.schedule(PARTING_TIME, () => socket.destroy());
      socket.once('close', () => timer[Symbol.dispose]());
    });
    if (this.#logins.size >= limits.unauthenticated) this.#makeRoom();
    const timer = clock.schedule(limits.loginTimeout, () => socket.destroy());
    this.#logins.add(socket, socket.remoteAddress, timer);
    onSocket(socket);
  }

  /** Refusing the newcomer instead would let anybody with idle connections keep everybody out. */
  #makeRoom(): void {
    const first = this.#logins.firstToGo();
    if (first === undefined) return;
    this.loggedIn(first);
    first.destroy();
  }
}
