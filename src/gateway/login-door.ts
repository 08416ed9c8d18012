import type { Socket } from 'node:net';
import { audit } from '../logging/audit.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { FailedLogins } from './authentication/failed-logins.ts';
import { sendAway } from './send-away.ts';

/** What becomes of one connection's login, for the count of its address. */
export interface LoginAttempt {
  /** How much later its refusals are to come; ms. */
  slowness(): Promise<number>;
  succeeded(): void;
  /** It could not succeed, for a reason that is ours. */
  excuse(): void;
}

interface LoginDoorOptions {
  readonly failedLogins: FailedLogins;
  readonly identification: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes over a socket that may try to log in. */
  readonly onSocket: (socket: Socket) => void;
}

/** Lets connections try to log in, unless too many from their address have failed. */
export class LoginDoor {
  readonly #options: LoginDoorOptions;
  readonly #attempts = new WeakMap<Socket, LoginAttempt>();

  constructor(options: LoginDoorOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async enter(socket: Socket): Promise<void> {
    const { failedLogins, identification, clock, onSocket } = this.#options;
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return void socket.destroy();
    const { closedFor } = await failedLogins.look(remoteAddress);
    if (socket.destroyed) return;
    if (closedFor > 0) return sendAway(socket, identification, sentence(closedFor), clock);
    this.#watch(socket, remoteAddress);
    onSocket(socket);
  }

  /** Of a socket that was let in. */
  attemptOf(socket: Socket): LoginAttempt {
    const attempt = this.#attempts.get(socket);
    if (attempt === undefined) throw new Error('this socket did not come through the door');
    return attempt;
  }

  #watch(socket: Socket, address: string): void {
    const { failedLogins } = this.#options;
    let isOver = false;
    this.#attempts.set(socket, {
      slowness: () => failedLogins.slowness(address),
      succeeded: () => {
        isOver = true;
        failedLogins.succeeded(address);
      },
      excuse: () => {
        isOver = true;
      },
    });
    socket.once('close', () => {
      // Who says nothing is a load balancer or a monitor that wants to know whether the port is open.
      if (!isOver && socket.bytesRead > 0) void this.#failed(address);
    });
  }

  async #failed(address: string): Promise<void> {
    const closedFor = await this.#options.failedLogins.failed(address);
    if (closedFor === undefined) return;
    const entry = { who: '', from: address, door: 'ssh', what: 'login', result: 'limited' } as const;
    const reason = `too many failed logins; closed out for ${seconds(closedFor)} s`;
    audit(this.#options.logger, { ...entry, reason }, 'an address is closed out', { closedFor });
  }
}

function sentence(closedFor: number): string {
  return `Too many failed logins from your address; try again in ${seconds(closedFor)} s.`;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
