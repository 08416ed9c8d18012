import type { Connection, ServerChannel, SocketBindInfo, TcpipBindInfo } from 'ssh2';
import { ANY_PORT, FORWARDED } from './server-messages.ts';

interface Granted {
  /** The lab's door is the one socket that no student has asked for. */
  readonly door: (path: string) => void;
  /** All that a student asks for ahead of their command is granted by then. */
  readonly exec: () => void;
}

/** Grants whatever it is asked for, as a server does that keeps to the protocol. */
export function grantAll(connection: Connection, granted: Granted): void {
  connection.on('request', (accept, _reject, _name, info: TcpipBindInfo | SocketBindInfo) => {
    if ('socketPath' in info && info.socketPath !== FORWARDED.path) granted.door(info.socketPath);
    accept?.('bindPort' in info && info.bindPort === 0 ? ANY_PORT : undefined);
  });
  connection.on('tcpip', (accept) => read(accept()));
  connection.on('session', (accept) => {
    const session = accept();
    session.on('pty', (acceptPty) => acceptPty?.());
    session.on('x11', (acceptX11) => acceptX11?.());
    session.on('auth-agent', (acceptAgent) => acceptAgent?.());
    session.on('exec', (acceptExec) => {
      read(acceptExec());
      granted.exec();
    });
  });
}

function read(channel: ServerChannel): void {
  channel.on('error', () => {});
  channel.resume();
}
