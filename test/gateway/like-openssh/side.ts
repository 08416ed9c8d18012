import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { PROJECT } from '../../e2e/harness/set-up.ts';
import type { Seen } from './behaviour.ts';
import { SHELL_WORDS } from './shell-words.ts';

/** The longest that one behaviour may take; ms. */
const LONGEST = 45_000;

export interface Server {
  readonly user: string;
  readonly port: number;
}

/** One of the two servers, as a person has it: the host `lab` of ssh, scp and sftp. */
export class Side {
  readonly #folder: string;
  readonly #server: Server;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(folder: string, server: Server, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#server = server;
    this.#env = env;
  }

  /**
   * @param folder a new one; sockets are in it, so its path must be short
   * @param plain what is called `plain`, on both sides the same
   */
  static async open(
    folder: string,
    server: Server,
    plain: Server,
    key: string,
    env: Record<string, string>,
  ): Promise<Side> {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    const config = join(folder, 'config');
    const common = [
      'StrictHostKeyChecking no',
      'UserKnownHostsFile /dev/null',
      'GlobalKnownHostsFile /dev/null',
      'LogLevel ERROR',
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `IdentityFile ${key}`,
    ];
    await writeFile(config, [host('lab', server), host('plain', plain), 'Host *', ...common, ''].join('\n'));
    const programs = { ssh: `/usr/bin/ssh -F ${config}`, scp: `/usr/bin/scp -F ${config}`, sftp: '' };
    programs.sftp = `/usr/bin/sftp -F ${config}`;
    const talk = `${process.execPath} --disable-warning=ExperimentalWarning ${resolve(PROJECT, 'test/gateway/like-openssh/talk.ts')}`;
    for (const [name, program] of Object.entries({ ...programs, talk, node: process.execPath })) {
      await writeFile(join(bin, name), `#!/bin/sh\nexec ${program} "$@"\n`);
      await chmod(join(bin, name), 0o755);
    }
    return new Side(folder, server, { ...env, KEY: key });
  }

  async play(script: string): Promise<Seen> {
    const work = await mkdtemp(join(this.#folder, 'd'));
    const { stdout, stderr, exitCode, timedOut } = await execa('bash', ['-c', `${SHELL_WORDS}\n${script}`], {
      cwd: work,
      reject: false,
      timeout: LONGEST,
      stdin: 'ignore',
      maxBuffer: 1e8,
      extendEnv: false,
      env: {
        PATH: `${this.#folder}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
        HOME: work,
        D: work,
        TERM: 'vt220',
        SHELL: '/bin/bash',
        ...this.#env,
      },
    });
    if (timedOut) return { status: undefined, stdout, stderr: `${stderr}\nit took too long` };
    return { status: exitCode, stdout: this.#neutral(stdout, work), stderr: this.#neutral(stderr, work) };
  }

  /** Without what must differ: the folder, the port, the user. */
  #neutral(text: string, work: string): string {
    return text
      .replaceAll(work, '$D')
      .replaceAll(`${this.#server.user}@127.0.0.1`, 'user@host')
      .replaceAll(`port ${this.#server.port}`, 'port N');
  }
}

function host(name: string, { user, port }: Server): string {
  return `Host ${name}\nHostName 127.0.0.1\nUser ${user}\nPort ${port}`;
}
