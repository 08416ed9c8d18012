import type { Connection } from 'ssh2';
import type { Clock } from '../../time/clock.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import type { ConnectionLifetime } from './connection-lifetime.ts';

const LOOK_EVERY = 1_000;

/** A key exchange that a peer does not finish; ms. */
const REKEY_TIMEOUT = 60_000;

/**
 * Answers that a client makes us write and does not read: more of it is read when it has taken them. Each has a cost beside its
 * bytes, so this is far less than memory would allow; bytes.
 */
const MOST_UNREAD = 2 * 1024 * 1024;

/** Answers that wait for the end of a key exchange; packets. A client that keeps to RFC 4253 §7.1 makes us write few. */
const MOST_QUEUED = 10_000;

/** A client that was sent away and does not go: it takes nothing of what is left; ms. */
const PARTING_TIME = 2_000;

/** Looks after one connection until it is over: new keys in time (RFC 4253 §9), and an end for clients that break the rules. */
export function keepUp(
  connection: Connection,
  lifetime: ConnectionLifetime,
  limits: Pick<GatewayLimits, 'rekeyBytes' | 'rekeyAfter'>,
  clock: Clock,
): void {
  const { socket } = connection;
  let keysSince = clock.now();
  let bytesThen = transferred();
  let rekeyingSince: number | undefined;
  let endedSince: number | undefined;
  let timer: Disposable;

  function transferred(): number {
    return socket.bytesRead + socket.bytesWritten;
  }
  const renewed = (): void => {
    keysSince = clock.now();
    bytesThen = transferred();
  };
  const look = (): void => {
    const now = clock.now();
    rekeyingSince = connection.rekeying ? (rekeyingSince ?? now) : undefined;
    endedSince = socket.writableEnded ? (endedSince ?? now) : undefined;
    if (isOver(rekeyingSince, REKEY_TIMEOUT, now) || isOver(endedSince, PARTING_TIME, now)) {
      lifetime.destroy();
      return;
    }
    const due = transferred() - bytesThen > limits.rekeyBytes || now - keysSince > limits.rekeyAfter;
    if (due && !connection.rekeying) connection.rekey();
    timer = clock.schedule(LOOK_EVERY, look);
  };
  // With each piece that is read: within a second a client can make us write hundreds of megabytes.
  socket.on('data', () => {
    if (connection.queued > MOST_QUEUED) lifetime.destroy();
    else if (socket.writableLength > MOST_UNREAD) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  connection.on('rekey', renewed);
  timer = clock.schedule(LOOK_EVERY, look);
  lifetime.signal.addEventListener('abort', () => timer[Symbol.dispose]());
}

function isOver(since: number | undefined, limit: number, now: number): boolean {
  return since !== undefined && now - since > limit;
}
