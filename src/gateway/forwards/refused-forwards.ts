import type { Connection } from 'ssh2';

/**
 * Refuses `-L`, `-D`, `-W` and `-R`, by TCP and by Unix sockets, until the handle is disposed.
 *
 * @param why one line; ssh(1) shows it where the protocol has a place for it
 */
export function refuseForwards(connection: Connection, why: string): Disposable {
  const refuse = (_accept: unknown, reject: (why?: string) => void): void => reject(why);
  const refuseRequest = (_accept: unknown, reject: (() => void) | undefined): void => reject?.();
  connection.on('tcpip', refuse);
  connection.on('openssh.streamlocal', refuse);
  connection.on('request', refuseRequest);
  return {
    [Symbol.dispose]: () => {
      connection.off('tcpip', refuse);
      connection.off('openssh.streamlocal', refuse);
      connection.off('request', refuseRequest);
    },
  };
}
