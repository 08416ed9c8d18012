import type { Channel } from 'ssh2';
import { pump } from '../channels/pump.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
import type { ForwardContext } from './forward-context.ts';

/**
 * Joins a client's channel and one of the container's sshd, whoever opened them. Each direction ends by itself (RFC 4254 §5.3); the
 * channels are closed when both have ended, or when either side closes.
 */
export async function joinChannels(
  outer: Channel,
  stream: Channel,
  inner: InnerConnection,
  context: ForwardContext,
): Promise<void> {
  using _open = context.onOpen();
  const outerClosed = new AbortController();
  const innerClosed = new AbortController();
  const over = AbortSignal.any([context.signal, inner.over]);
  outer.on('error', () => {});
  stream.on('error', () => {});
  outer.once('close', () => outerClosed.abort());
  stream.once('close', () => innerClosed.abort());

  const sending = pump(
    outer,
    stream,
    inner.gate,
    AbortSignal.any([over, innerClosed.signal]),
    context.onInput,
  );
  const receiving = pump(stream, outer, context.gate, AbortSignal.any([context.signal, outerClosed.signal]));
  const sent = sending.then(() => {
    if (!inner.over.aborted) stream.end();
  });
  await receiving;
  if (!context.signal.aborted && !outerClosed.signal.aborted) outer.eof();
  if (!innerClosed.signal.aborted && outerClosed.signal.aborted && !inner.over.aborted) stream.close();
  await sent;
  if (!context.signal.aborted) outer.end();
}
