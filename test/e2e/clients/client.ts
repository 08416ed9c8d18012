/** The account, and how the factory is reached. */
export interface Target {
  readonly port: number;
  readonly user: string;
  /** The student's home: keys in each client's own format, and known hosts. It is at this path for each client. */
  readonly home: string;
  /** SHA256:… of the factory's ed25519 key. */
  readonly fingerprint: string;
}

export interface Options {
  /** A key's file, in OpenSSH's format; the others are beside it. The student's own where absent. */
  readonly key?: string;
  /** Exchanges keys anew after a megabyte, and says so on standard error. */
  readonly rekey?: boolean;
  /** With all that it would tell a person. */
  readonly loud?: boolean;
  /** Asks for a sign of life every second or so. */
  readonly keepAlive?: boolean;
}

/** How a client is told to do something: command lines. What is absent it has not. */
export interface Client {
  /** As the column's head has it; no more of the version than stays while the release gets its updates. */
  readonly name: string;
  /** What comes before each command line: `docker exec …`; none for a program of this machine. */
  readonly prefix: readonly string[];
  /** Makes keys that it can read from those of OpenSSH. */
  prepare?(target: Target, key: string): readonly string[];
  exec?(target: Target, command: string, options?: Options): readonly string[];
  /** Runs a command in a terminal of 120 columns and 30 rows; `own`: it needs one itself. */
  readonly terminal?: { readonly own: boolean; words(target: Target, command: string): readonly string[] };
  /** The same command in eight channels of one connection; each writes its output. */
  many?(target: Target, command: string): readonly string[];
  /** Copies a file up and back down again, from path to path. */
  readonly copies?: Readonly<Partial<Record<CopyWay, Copy>>>;
  localForward?(target: Target, local: number, remote: number): Forward;
  remoteForward?(target: Target, remote: number, local: number): Forward;
  /** What its standard error says of a key exchange after the first. */
  readonly rekeyed?: RegExp;
  /** Reads keys in a terminal and hides when they were pressed; what its standard error says once it has done so. */
  readonly hidesKeys?: { words(target: Target, command: string): readonly string[]; readonly says: RegExp };
  /** The words of a remote shell, for rsync and git. */
  remoteShell?(target: Target): string;
}

export type CopyWay = 'sftp' | 'scp' | 'scp -O';

export interface Copy {
  up(target: Target, local: string, remote: string): Run;
  down(target: Target, remote: string, local: string): Run;
}

export interface Run {
  readonly words: readonly string[];
  readonly input?: string;
}

export interface Forward {
  readonly words: readonly string[];
  /** What it shows with the port that was chosen; absent: it listens at the port that it was told. */
  readonly says?: RegExp;
}
