import { type Duplex, duplexPair } from 'node:stream';
import type { Channel } from 'ssh2';
import type { Clock } from '../../time/clock.ts';
import { pump } from '../channels/pump.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';

interface DoorStreamOptions {
  readonly inner: InnerConnection;
  /** A channel that says nothing at first is ended after this; ms. */
  readonly silence: number;
  readonly clock: Clock;
  readonly onEnd: () => void;
}

/**
 * What the door sees of one channel: a stream that ends with the channel and with the inner connection, and of which no more
 * is kept than a peer that reads slowly has room for. Who ends their own half is gone: programs that ask over HTTP wait for
 * the answer with it open, and sshd tells no other way that one was killed.
 */
export function doorStream(channel: Channel, { inner, silence, clock, onEnd }: DoorStreamOptions): Duplex {
  const [stream, far] = duplexPair();
  const over = new AbortController();
  const end = (): void => {
    if (over.signal.aborted) return;
    over.abort();
    onEnd();
    if (!inner.over.aborted) channel.close();
    stream.destroy();
    far.destroy();
  };
  const silent = clock.schedule(silence, end);
  over.signal.addEventListener('abort', () => silent[Symbol.dispose]());
  inner.over.addEventListener('abort', end, { signal: over.signal });
  for (const each of [channel, stream, far]) each.on('error', end);
  // Closed after its end it has handed over all that it has to say, and some of that may still wait for the channel.
  stream.once('close', () => {
    if (!far.readableEnded) end();
  });
  channel.once('data', () => silent[Symbol.dispose]());
  channel.once('end', end);
  channel.once('close', end);
  channel.pipe(far);
  void pump(far, channel, inner.gate, over.signal).then(end);
  return stream;
}
