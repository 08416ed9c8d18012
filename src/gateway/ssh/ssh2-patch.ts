/** What patches/ssh2+1.17.0.patch adds to ssh2, for the type checker. */
import type { Socket } from 'node:net';
import type {} from 'ssh2';

declare module 'ssh2' {
  interface Connection {
    readonly socket: Socket;
    /** True during a key exchange: what is written then waits in memory for the peer. */
    readonly rekeying: boolean;
    /** Sends SSH_MSG_USERAUTH_BANNER (RFC 4252 §5.4); only before the end of authentication. */
    authBanner(text: string): void;
  }
  interface Client {
    readonly rekeying: boolean;
  }
}
