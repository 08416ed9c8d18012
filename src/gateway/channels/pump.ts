import type { Readable, Writable } from 'node:stream';
import type { TransportGate } from './transport-gate.ts';

/** Bytes handed over and not yet taken, per direction; the windows of SSH itself are larger. */
const HIGH_WATER = 256 * 1024;

/** What a chunk costs beside its bytes while it waits, which may be one: objects of ours and of streams; bytes, roughly. */
const CHUNK_COST = 512;

/**
 * Copies `from` to `to` and resolves when `from` has ended and every byte is with the transport, or when `signal` aborts.
 * Ends neither stream: in SSH the end of one direction, of a channel, and an exit status are three things.
 *
 * @param gate of the transport below `to`
 * @param onData called with each chunk that has come
 */
export function pump(
  from: Readable,
  to: Writable,
  gate: TransportGate,
  signal: AbortSignal,
  onData: () => void = () => {},
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let pending = 0;
  let ended = from.readableEnded;

  const stop = (): void => {
    from.off('data', forward);
    from.off('end', atEnd);
    gate.forget(update);
    signal.removeEventListener('abort', stop);
    // What still comes has no place to go; left unread it would keep the channel from closing.
    if (!ended) from.resume();
    resolve();
  };
  const update = (): void => {
    if (ended && pending === 0) {
      stop();
      return;
    }
    if (pending <= HIGH_WATER && gate.open) {
      from.resume();
      return;
    }
    from.pause();
    if (!gate.open) gate.onOpen(update);
  };
  const taken = (cost: number): void => {
    pending -= cost;
    if (!signal.aborted) update();
  };
  const forward = (chunk: Buffer): void => {
    const cost = chunk.length + CHUNK_COST;
    pending += cost;
    onData();
    try {
      to.write(chunk, () => taken(cost));
    } catch {
      // ssh2 throws where the transport is gone already.
      stop();
      return;
    }
    if (pending > HIGH_WATER || !gate.open) update();
  };
  const atEnd = (): void => {
    ended = true;
    update();
  };

  if (signal.aborted) {
    resolve();
    return promise;
  }
  signal.addEventListener('abort', stop);
  from.on('data', forward);
  from.once('end', atEnd);
  update();
  return promise;
}
