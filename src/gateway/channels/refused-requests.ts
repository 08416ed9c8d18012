import type { Connection } from 'ssh2';

/**
 * Refuses remote forwards (`-R`, RFC 4254 §7.1, and OpenSSH's for Unix sockets). Forwards to Unix sockets, X11 and agents
 * are refused by ssh2 as long as nobody listens for them.
 */
export function refuseRemoteForwards(connection: Connection): void {
  connection.on('request', (_accept, reject) => reject?.());
}
