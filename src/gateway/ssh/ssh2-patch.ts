/** What the patches of ssh2 in patches/ add to it, for the type checker. */
import type { Socket } from 'node:net';
import type {} from 'ssh2';

declare module 'ssh2' {
  interface Connection {
    readonly socket: Socket;
    /** True during a key exchange: what is written then waits in memory for the peer. */
    readonly rekeying: boolean;
    /** Sends SSH_MSG_USERAUTH_BANNER (RFC 4252 §5.4); only before the end of authentication. */
    authBanner(text: string): void;
    /** `why`: one line for the person at the client (RFC 4254 §5.1). */
    on(
      event: 'tcpip',
      listener: (
        accept: AcceptConnection<ServerChannel>,
        reject: (why?: string) => void,
        info: TcpipRequestInfo,
      ) => void,
    ): this;
  }
  interface Client {
    readonly rekeying: boolean;
  }
}
