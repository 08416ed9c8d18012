import type { Socket } from 'node:net';
import type { SessionEnd } from '../../workspaces/workspace-access.ts';

/** How a connection ended. `hung_up`: the client closed it without a good-bye, as some do, and as the kernel does for a killed one. */
export type ConnectionEnd = SessionEnd | 'hung_up';

/** What an error of ssh2's connection says of its end. */
export function endOfError(error: Error, socket: Socket): ConnectionEnd {
  const level = 'level' in error ? error.level : undefined;
  if (level === 'client-timeout') return 'lost';
  if (level === 'socket') return saidGoodBye(socket) ? 'closed' : 'lost';
  // RFC 4253 §11.1: the client's own reason for leaving, as a number.
  if (level === undefined && 'code' in error && typeof error.code === 'number') return 'closed';
  return 'protocol_error';
}

/** The client's side of the stream has ended. */
export function endOfStream(socket: Socket): ConnectionEnd {
  return saidGoodBye(socket) ? 'closed' : 'hung_up';
}

/** ssh2 tells nobody of a client's SSH_MSG_DISCONNECT, but ends our side of the stream at once, while the other is still open. */
function saidGoodBye(socket: Socket): boolean {
  return socket.writableEnded;
}

/** @param allClosed the client has had channels, and closed them before it hung up: not everybody says good-bye */
export function sessionEnd(end: ConnectionEnd, allClosed: boolean): SessionEnd {
  if (end !== 'hung_up') return end;
  return allClosed ? 'closed' : 'lost';
}
