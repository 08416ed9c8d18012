import type { Connection } from 'ssh2';

/**
 * Refuses remote forwards (`-R`, RFC 4254 §7.1, and OpenSSH's for Unix sockets). Forwards to Unix sockets, X11 and agents
 * are refused by ssh2 as long as nobody listens for them.
 */
export function refuseRemoteForwards(connection: Connection): void {
  connection.on('request', (_accept, reject) => reject?.());
}

/**
 * Refuses `-L`, `-D` and `-W` until the handle is disposed.
 *
 * @param why one line; ssh(1) shows it
 */
export function refuseForwards(connection: Connection, why: string): Disposable {
  const refuse = (_accept: unknown, reject: (why?: string) => void): void => reject(why);
  connection.on('tcpip', refuse);
  return { [Symbol.dispose]: () => connection.off('tcpip', refuse) };
}
