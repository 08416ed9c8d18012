import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';
import { MESSAGE } from './packets.ts';
import type { Peer } from './peer.ts';

/** What a student may put in the place of their container's sshd, and what their client is to be told of it. */
export interface Attack {
  /** In the place of a server that speaks SSH. */
  readonly raw?: (socket: Socket) => void;
  /** When the keys are agreed upon; undefined: everybody is let in. */
  readonly login?: (peer: Peer, connection: Connection) => void;
  /** Once the gateway is in. */
  readonly ready?: (peer: Peer) => void;
  /** For each channel that the gateway wants to have opened; undefined: it gets it. */
  readonly open?: (peer: Peer, id: number) => void;
  /** In the place of the command; `id` is the channel's number at the gateway. */
  readonly exec?: (peer: Peer, id: number) => void;
  /** Within what is said on standard error, with status 254; or the status. */
  readonly ends: string | RegExp | number;
}

export type Attacks = Readonly<Record<string, Attack>>;

/** How long a flood goes on that nobody stops; ms. */
export const FLOOD = 500;

export const MOST = 2 ** 32 - 1;
export const ESCAPES = '\u001b]0;taken over\u0007\u001b[2J\u009b31m';
export const BIG = 'x'.repeat(30_000);

export const SILENT = 'Your container did not answer within 4 s';
/** On a busy machine the end of the time may come first. */
export const NOT_STARTED = new RegExp(`The SSH server in your container does not start|${SILENT}`);
export const NO_ANSWER = 'did not say within 4 s whether it starts that';
export const REFUSED = 'could not start that';
export const LOST = 'The connection to your container was lost';

export function flood(...payload: Parameters<Peer['send']>): (peer: Peer) => void {
  return (peer) => void peer.flood(FLOOD, () => peer.send(...payload));
}

/** As a command does that is done. */
export function exits(peer: Peer, id: number, status = 0): void {
  peer.send(MESSAGE.channelRequest, id, 'exit-status', false, status);
  peer.send(MESSAGE.eof, id);
  peer.send(MESSAGE.close, id);
}

export function silent(): void {}
