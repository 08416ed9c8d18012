import type { Logger } from '../../logging/logger.ts';
import type { ChannelSlots } from '../channels/channel-slots.ts';
import type { TransportGate } from '../channels/transport-gate.ts';
import type { InnerHop } from '../inner/inner-hop.ts';

/** What the forwards of one client's connection work with. */
export interface ForwardContext {
  readonly hop: InnerHop;
  readonly slots: ChannelSlots;
  /** Of the client's transport. */
  readonly gate: TransportGate;
  /** Called when a forwarded connection is accepted; its handle is disposed when that is closed. */
  readonly onOpen: () => Disposable;
  /** Called whenever the client has sent something. */
  readonly onInput: () => void;
  /** Aborts when the client's connection is over. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}
