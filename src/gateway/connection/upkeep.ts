import type { Connection } from 'ssh2';
import type { Clock } from '../../time/clock.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import type { ConnectionLifetime } from './connection-lifetime.ts';

const LOOK_EVERY = 1_000;

/** A key exchange that a peer does not finish; ms. */
const REKEY_TIMEOUT = 60_000;

/** Answers that a client makes us write and does not read: far beyond what all channels together may have there; bytes. */
const MOST_UNREAD = 32 * 1024 * 1024;

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
    const stuck = rekeyingSince !== undefined && now - rekeyingSince > REKEY_TIMEOUT;
    if (stuck || socket.writableLength > MOST_UNREAD) {
      lifetime.destroy();
      return;
    }
    const due = transferred() - bytesThen > limits.rekeyBytes || now - keysSince > limits.rekeyAfter;
    if (due && !connection.rekeying) connection.rekey();
    timer = clock.schedule(LOOK_EVERY, look);
  };
  connection.on('rekey', renewed);
  timer = clock.schedule(LOOK_EVERY, look);
  lifetime.signal.addEventListener('abort', () => timer[Symbol.dispose]());
}
