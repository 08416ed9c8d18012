/** What the patches of ssh2 in patches/ add to it, for the type checker. */
import type { Socket } from 'node:net';
import type { ClientChannel, KexAlgorithm } from 'ssh2';

/** A method of key exchange that ssh2 does not have itself; one secret as bytes comes of one message each way. */
export interface KeyExchangeMethod {
  readonly name: string;
  readonly hash: 'sha256';
  /** As a client: what goes to the server, and what its answer leads to. `finish` throws for an answer that is none. */
  start(): { readonly init: Buffer; finish(reply: Buffer): Buffer };
  /** As a server. Throws for a message that is none: the connection ends with KEY_EXCHANGE_FAILED. */
  answer(init: Buffer): { readonly reply: Buffer; readonly secret: Buffer };
}

/** The preferred one first. */
export type KeyExchanges = readonly (KexAlgorithm | KeyExchangeMethod)[];

/** The answer to a channel request: undefined or false is a success. */
type Answered = (error: Error | boolean | undefined) => void;
type Started = (error: Error | undefined, channel: ClientChannel) => void;

declare module 'ssh2' {
  interface Connection {
    readonly socket: Socket;
    /** True during a key exchange: what is written then waits in memory for the peer. */
    readonly rekeying: boolean;
    /** Packets that wait for the end of a key exchange. */
    readonly queued: number;
    /** Sends a global request that OpenSSH calls `keepalive@openssh.com`; only after authentication. `answered`: all before it was read. */
    ping(answered?: () => void): void;
    /** Sends SSH_MSG_USERAUTH_BANNER (RFC 4252 §5.4); only before the end of authentication. */
    authBanner(text: string): void;
    /** Opens a connection to the client's agent (OpenSSH's PROTOCOL.agent). */
    openssh_authAgent(callback: (error: Error | undefined, channel: ServerChannel) => void): this;
    /** `why`: one line for the person at the client (RFC 4254 §5.1). */
    on(
      event: 'tcpip',
      listener: (
        accept: AcceptConnection<ServerChannel>,
        reject: (why?: string) => void,
        info: TcpipRequestInfo,
      ) => void,
    ): this;
    on(
      event: 'openssh.streamlocal',
      listener: (
        accept: AcceptConnection<ServerChannel>,
        reject: (why?: string) => void,
        info: SocketRequestInfo,
      ) => void,
    ): this;
  }
  interface Session {
    /** `length`: 4 bytes, ms (RFC 4335). */
    on(
      event: 'break',
      listener: (accept: (() => void) | undefined, reject: (() => void) | undefined, length: Buffer) => void,
    ): this;
    /** The client reads no more (OpenSSH's PROTOCOL §2.1). */
    on(event: 'eow@openssh.com', listener: () => void): this;
  }
  interface Channel {
    /** Tells the peer that nothing reads what it sends (OpenSSH's PROTOCOL §2.1). */
    eow(): void;
  }
  interface Connection {
    /** RFC 4253 §7.2; once the first key exchange is over. */
    readonly sessionId: Buffer;
    /** Sends `hostkeys-00@openssh.com` (OpenSSH's PROTOCOL §2.5); only after authentication. */
    announceHostKeys(blobs: readonly Buffer[]): void;
    /** After authentication. `request`: the keys, each a `string`. `answer` must be called once; undefined: the request fails. */
    on(
      event: 'hostKeysProve',
      listener: (request: Buffer, answer: (signatures: Buffer | undefined) => void) => void,
    ): this;
  }
  interface Client {
    readonly rekeying: boolean;
    /** Opens a session channel, whose requests are sent by `Client.request`. */
    openSession(opened: Started): void;
    on(
      event: 'agent connection',
      listener: (accept: AcceptConnection<ClientChannel>, reject: RejectConnection) => void,
    ): this;
  }
  namespace Client {
    /** What may be asked of a session channel (RFC 4254 §6); without a callback no reply is wanted. */
    const request: {
      readonly agent: (channel: ClientChannel, answered: Answered) => void;
      readonly env: (channel: ClientChannel, env: Readonly<Record<string, string>>) => void;
      readonly pty: (channel: ClientChannel, pty: PseudoTtyOptions, answered: Answered) => void;
      readonly x11: (channel: ClientChannel, x11: X11Options, answered: Answered) => void;
      readonly exec: (channel: ClientChannel, command: string, options: object, started: Started) => void;
      readonly shell: (channel: ClientChannel, started: Started) => void;
      readonly subsystem: (channel: ClientChannel, name: string, started: Started) => void;
      readonly other: (channel: ClientChannel, type: string, data: Buffer, answered?: Answered) => void;
    };
  }
  interface ServerConfig {
    /** In the place of `algorithms.kex`. */
    keyExchanges?: KeyExchanges;
  }
  interface ConnectConfig {
    /** Likewise, where `algorithms` is given too. */
    keyExchanges?: KeyExchanges;
  }
}
