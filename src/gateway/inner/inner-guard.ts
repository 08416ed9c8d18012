import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { RekeyBudget } from '../ssh/rekey-budget.ts';

/** sshd itself asks for new keys once in a GiB. */
const REKEYS = { burst: 20, refillBytes: 2 ** 20 };

/** Answers that it makes us write and does not read: beyond what all channels together have there; bytes. */
const MOST_UNREAD = 8 * 1024 * 1024;

interface GuardOptions {
  /** How long a key exchange may take; ms. */
  readonly rekeyTimeout: number;
  /** Aborts when the connection is over. */
  readonly over: AbortSignal;
  readonly drop: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Ends an inner connection whose sshd uses up what belongs to all: it looks at each piece that has come, after ssh2 has
 * answered it. The first exchange of keys has the time limit of the login.
 */
export function guardInner(
  client: Client,
  stream: Duplex,
  { rekeyTimeout, over, drop, clock, logger }: GuardOptions,
): void {
  const budget = new RekeyBudget(REKEYS, clock);
  let bytes = 0;
  let exchange: Disposable | undefined;

  const end = (because: string): void => {
    if (over.aborted) return;
    logger.debug({ because }, 'the inner connection is ended');
    drop();
  };
  const afterEach = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (stream.writableLength > MOST_UNREAD) end('it does not read the answers to what it asks');
    // Nothing may follow its SSH_MSG_DISCONNECT (RFC 4253 §11.1): ssh2 has ended our half, and would wait for the other.
    if (stream.writableEnded) end('it has said good-bye');
    if (exchange !== undefined || !client.rekeying || over.aborted) return;
    exchange = clock.schedule(rekeyTimeout, () => end('it does not finish a key exchange'));
  };
  const renewed = (): void => {
    exchange?.[Symbol.dispose]();
    exchange = undefined;
    if (!budget.take(bytes)) end('it wants new keys all the time');
  };
  client.on('handshake', renewed);
  // ssh2 listens itself by then, and so has read each piece, which may be the last one, before it is looked at.
  client.once('handshake', () => stream.on('data', afterEach));
  over.addEventListener('abort', () => {
    exchange?.[Symbol.dispose]();
    stream.off('data', afterEach);
  });
}
