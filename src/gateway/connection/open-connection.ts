import type { Logger } from '../../logging/logger.ts';
import type { Login } from '../../names/login.ts';
import type { ChannelSlots } from '../channels/channel-slots.ts';
import type { ConnectionLifetime } from './connection-lifetime.ts';
import type { ConnectionServices } from './connection-services.ts';
import type { Listener } from './listeners.ts';

/** A connection after its login. */
export interface OpenConnection {
  readonly login: Login;
  readonly services: ConnectionServices;
  readonly logger: Logger;
  /** Of all its channels. */
  readonly slots: ChannelSlots;
  /** The people and programs at its sessions. */
  readonly listeners: Set<Listener>;
  readonly lifetime: ConnectionLifetime;
  /** The client knows OpenSSH's `eow@openssh.com`. */
  readonly knowsEow: boolean;
}
