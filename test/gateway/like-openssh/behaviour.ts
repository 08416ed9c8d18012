/** What a person has of an `ssh`: the parts of a result that are compared. */
export interface Seen {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** One everyday thing that people do with ssh; also a row of docs/ssh.md. */
export interface Behaviour {
  readonly does: string;
  /** For bash, in an empty folder `$D`; both servers are the host `lab`, and `shell-words.ts` says what else there is. */
  readonly script: string;
  /** Is in what the plain sshd's client shows: what is compared is not two failures. */
  readonly shows: string;
  /** As the plain sshd's client ends; absent: 0. */
  readonly status?: number;
  readonly differs?: KnownDifference;
}

export interface KnownDifference {
  readonly because: string;
  /** What of the gateway's client is not as the plain sshd's, and how it is. */
  readonly gateway: { readonly status?: number; readonly stdout?: RegExp; readonly stderr?: RegExp };
}

export interface BehaviourTable {
  readonly title: string;
  readonly behaviours: readonly Behaviour[];
}
