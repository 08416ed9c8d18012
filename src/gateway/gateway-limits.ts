/** What a gateway puts up with. Times in ms. */
export interface GatewayLimits {
  /** Connections that have not logged in yet, all together. */
  readonly unauthenticated: number;
  /** From the TCP connection to the end of authentication. */
  readonly loginTimeout: number;
  /** Requests with a signature that may fail on one connection. */
  readonly signedAttempts: number;
  /** Requests on one connection that only ask whether a key would do: an agent's keys come one by one. */
  readonly keyQueries: number;
  readonly channelsPerConnection: number;
  readonly connectionsPerUser: number;
  /**
   * Who has no workspace to be in is told so in each session; a connection that opens none (`ssh -N`) is ended after this. So is one
   * that has several labs to choose from and nobody who chooses.
   */
  readonly refusedStay: number;
  /** Who is to choose a lab and types nothing for so long is sent away. */
  readonly choosing: number;
  /** Who was told why their session ends, and whose client does not say that it has read it, is ended after this. */
  readonly reading: number;
  /** A client that is silent for this long is asked for a sign of life… */
  readonly keepaliveInterval: number;
  /** …so many times, and is given up one interval after the last. */
  readonly keepaliveCount: number;
  /** New keys after so many bytes in both directions together… */
  readonly rekeyBytes: number;
  /** …or after so long. */
  readonly rekeyAfter: number;
  /** How long Docker may take to run the SSH server in the container, and then that to let us in. A busy machine takes its time. */
  readonly innerReady: number;
  /** How long it may take to answer when it is asked for a shell, command or subsystem. */
  readonly innerAnswer: number;
  /** How long it may take to finish a key exchange after the login; meanwhile nothing can be sent to it. */
  readonly innerRekey: number;
  /** When it was lost, how often it is tried to bring back the remote forwards, before the client's connection is ended: at once… */
  readonly restoreTries: number;
  /** …after this long, and then each time after twice as long. */
  readonly restorePause: number;
  /** Channels that the sshd of one session may have open at the lab's door at a time; a `cluster` command takes one… */
  readonly doorChannels: number;
  /** …and is ended if it says nothing for this long at first. */
  readonly doorSilence: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  unauthenticated: 256,
  loginTimeout: 60_000,
  signedAttempts: 20,
  keyQueries: 100,
  channelsPerConnection: 256,
  connectionsPerUser: 64,
  refusedStay: 10_000,
  choosing: 5 * 60_000,
  reading: 10_000,
  keepaliveInterval: 15_000,
  keepaliveCount: 3,
  rekeyBytes: 2 ** 30,
  rekeyAfter: 3_600_000,
  innerReady: 30_000,
  innerAnswer: 30_000,
  innerRekey: 20_000,
  restoreTries: 7,
  restorePause: 500,
  doorChannels: 16,
  doorSilence: 10_000,
};
