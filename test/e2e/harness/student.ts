import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { PATIENCE } from './eventually.ts';
import { SshSession } from './ssh-session.ts';
import { Terminal } from './terminal.ts';

export interface ExecResult {
  readonly stdout: string;
  /** Without OpenSSH's own "Permanently added" line. */
  readonly stderr: string;
  /** 255: the connection failed or was refused. */
  readonly exitCode: number | undefined;
}

export interface SshOptions {
  /** The name to log in with, "alice/k3s"; the student's own where absent. */
  readonly login?: string;
  /** More options of ssh(1), before the host. */
  readonly args?: readonly string[];
  readonly input?: string | Buffer;
  /** ms; absent: `PATIENCE`. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Of a client that runs on its own: nobody reads its standard output. */
  readonly unread?: boolean;
}

/** Where the factory listens; asked anew for each connection, as a restart may move it. */
export type SshEndpoint = () => { readonly host: string; readonly port: number };

/** OpenSSH's own exit status, and the factory's for whom it can not let into their container. */
const NOT_IN = [254, 255];

/** A command of `run` that did not end with 0. */
export class CommandFailed extends Error {
  /** Whether it was begun in the container at all. */
  readonly cameIn: boolean;

  constructor(message: string, exitCode: number | undefined) {
    super(message);
    this.cameIn = exitCode !== undefined && !NOT_IN.includes(exitCode);
  }
}

/** A person with a home folder, a key and the real `ssh`. */
export class Student {
  readonly name: string;
  readonly home: string;
  /** One line as in authorized_keys. */
  readonly publicKey: string;
  readonly #endpoint: SshEndpoint;
  #lastFailure: string | undefined;

  private constructor(name: string, home: string, publicKey: string, endpoint: SshEndpoint) {
    this.name = name;
    this.home = home;
    this.publicKey = publicKey;
    this.#endpoint = endpoint;
  }

  static async create(name: string, home: string, endpoint: SshEndpoint): Promise<Student> {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const publicKey = await makeKey(join(home, 'id'));
    await writeFile(join(home, 'config'), sshConfig(home));
    return new Student(name, home, publicKey, endpoint);
  }

  get keyFile(): string {
    return join(this.home, 'id');
  }

  /** `ssh <login>@factory <command>`, to its end. Never rejects for what ssh says: look at the result. */
  async exec(command: string, options: SshOptions = {}): Promise<ExecResult> {
    const result = await execa('ssh', this.sshArguments(options, command), {
      reject: false,
      timeout: options.timeout ?? PATIENCE,
      forceKillAfterDelay: 1_000,
      // A session of its own: without a terminal to ask, ssh never waits for a password.
      detached: true,
      stripFinalNewline: false,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    });
    if (result.timedOut)
      throw new Error(`ssh ${command}: not done in time\n${result.stdout}\n${result.stderr}`);
    const stderr = result.stderr.replace(/^Warning: Permanently added .*\r?\n/gm, '');
    if (result.exitCode !== 0) this.#lastFailure = `${command}: exit ${result.exitCode}: ${stderr.trim()}`;
    return { stdout: result.stdout, stderr, exitCode: result.exitCode };
  }

  /** The last command of `exec` that did not end with 0, and what it said. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** As `exec`, but anything else than exit status 0 is an error; resolves with standard output, trimmed. */
  async run(command: string, options: SshOptions = {}): Promise<string> {
    const { stdout, stderr, exitCode } = await this.exec(command, options);
    if (exitCode !== 0)
      throw new CommandFailed(
        `ssh ${this.name}: ${command}: exit ${exitCode}\n${stdout}\n${stderr}`,
        exitCode,
      );
    return stdout.trim();
  }

  /** A session that lasts until `logOut`; resolves when it is in the container. */
  async hold(options: SshOptions = {}): Promise<SshSession> {
    const session = this.connect('echo in the container; exec cat', options);
    await session.shows('in the container', options.timeout);
    return session;
  }

  /** A client that runs on its own: `command` undefined is a plain login without a terminal. */
  connect(command: string | undefined, options: SshOptions = {}): SshSession {
    return new SshSession(this.sshArguments(options, command), options);
  }

  /** A login with a terminal. */
  terminal(options: SshOptions = {}): Terminal {
    return new Terminal(['ssh', '-tt', ...this.sshArguments(options, undefined)], options.env ?? {});
  }

  async sftp(batch: string, options: SshOptions = {}): Promise<ExecResult> {
    const { host, port } = this.#endpoint();
    const target = `${options.login ?? this.name}@${host}`;
    const result = await execa(
      'sftp',
      ['-F', join(this.home, 'config'), '-P', String(port), ...(options.args ?? []), '-b', '-', target],
      { reject: false, input: batch, timeout: options.timeout ?? PATIENCE },
    );
    return {
      stdout: result.stdout ?? '',
      stderr: result.stderr ?? '',
      exitCode: result.exitCode,
    };
  }

  /** What stands behind `ssh` for a login with these options; `command` undefined is a plain login. */
  sshArguments(options: SshOptions, command: string | undefined): string[] {
    const { host, port } = this.#endpoint();
    return [
      ...['-F', join(this.home, 'config'), '-p', String(port), '-l', options.login ?? this.name],
      ...(options.args ?? []),
      host,
      ...(command === undefined ? [] : [command]),
    ];
  }
}

/** Makes an ed25519 key pair at `file` and `file.pub`; resolves with the public line. */
export async function makeKey(file: string): Promise<string> {
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'e2e', '-f', file], {
    timeout: PATIENCE,
  });
  return (await readFile(`${file}.pub`, 'utf8')).trim();
}

/** `HostKeyAlias` makes ssh compare host keys over restarts of the factory, whatever port it has. */
function sshConfig(home: string): string {
  return [
    'Host *',
    `  IdentityFile ${join(home, 'id')}`,
    '  IdentitiesOnly yes',
    '  HostKeyAlias factory',
    '  StrictHostKeyChecking accept-new',
    `  UserKnownHostsFile ${join(home, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  ConnectTimeout 60',
    '',
  ].join('\n');
}
