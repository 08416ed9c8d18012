import type { Channel, Connection, TcpipRequestInfo } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
import type { InnerHop } from '../inner/inner-hop.ts';
import type { ChannelSlots } from './channel-slots.ts';
import { pump } from './pump.ts';
import type { TransportGate } from './transport-gate.ts';

interface ForwardOptions {
  readonly hop: InnerHop;
  readonly slots: ChannelSlots;
  readonly gate: TransportGate;
  /** Called when a forward is accepted; its handle is disposed when it is closed. */
  readonly onOpen: () => Disposable;
  /** Called whenever the client has sent something. */
  readonly onInput: () => void;
  /** Aborts when the client's connection is over. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Serves `-L`, `-D` and `-W`: connections that the container's sshd makes (RFC 4254 §7.2). */
export function acceptDirectTcpip(connection: Connection, options: ForwardOptions): void {
  connection.on('tcpip', (accept, reject, info) => {
    const freeSlot = options.slots.take();
    if (freeSlot === undefined) return reject();
    forward(accept, reject, info, options)
      .catch((error: unknown) => options.logger.debug({ err: error }, 'forward failed'))
      .finally(freeSlot);
  });
}

async function forward(
  accept: () => Channel,
  reject: () => void,
  info: TcpipRequestInfo,
  options: ForwardOptions,
): Promise<void> {
  let inner: InnerConnection;
  let stream: Channel;
  try {
    inner = await options.hop.connect();
    stream = await connectTo(inner, info);
  } catch (error) {
    if (!options.signal.aborted) reject();
    throw error;
  }
  if (options.signal.aborted) return;
  options.onInput();
  using _open = options.onOpen();
  await join(accept(), stream, inner, options);
}

async function connectTo({ client, over }: InnerConnection, info: TcpipRequestInfo): Promise<Channel> {
  const { promise, resolve, reject } = Promise.withResolvers<Channel>();
  const lost = (): void => reject(new Error('the inner connection was lost'));
  over.addEventListener('abort', lost);
  try {
    client.forwardOut(info.srcIP, info.srcPort, info.destIP, info.destPort, (error, stream) => {
      if (error === undefined) resolve(stream);
      else reject(error);
    });
    return await promise;
  } finally {
    over.removeEventListener('abort', lost);
  }
}

/** Each direction ends by itself; the channel is closed when both have, or when either side closes it. */
async function join(
  outer: Channel,
  stream: Channel,
  inner: InnerConnection,
  options: ForwardOptions,
): Promise<void> {
  const outerClosed = new AbortController();
  const innerClosed = new AbortController();
  const over = AbortSignal.any([options.signal, inner.over]);
  outer.on('error', () => {});
  stream.on('error', () => {});
  outer.once('close', () => outerClosed.abort());
  stream.once('close', () => innerClosed.abort());

  const sending = pump(
    outer,
    stream,
    inner.gate,
    AbortSignal.any([over, innerClosed.signal]),
    options.onInput,
  );
  const receiving = pump(stream, outer, options.gate, AbortSignal.any([options.signal, outerClosed.signal]));
  const sent = sending.then(() => {
    if (!inner.over.aborted) stream.end();
  });
  await receiving;
  if (!options.signal.aborted && !outerClosed.signal.aborted) outer.eof();
  if (!innerClosed.signal.aborted && outerClosed.signal.aborted && !inner.over.aborted) stream.close();
  await sent;
  if (!options.signal.aborted) outer.end();
}
