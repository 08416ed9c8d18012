import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { PROJECT } from '../../e2e/harness/set-up.ts';
import type { Seen } from './behaviour.ts';
import { SHELL_WORDS } from './shell-words.ts';

/** The longest that one behaviour may take; ms. */
const LONGEST = 120_000;

export interface Server {
  readonly user: string;
  readonly port: number;
}

/** One of the two servers, as a person has it: the host `lab` of ssh, scp and sftp. */
export class Side implements Disposable {
  readonly #folder: string;
  readonly #server: Server;
  readonly #env: Readonly<Record<string, string>>;
  readonly #playing = new Set<ProcessGroup>();
  readonly #end = (): void => this[Symbol.dispose]();

  private constructor(folder: string, server: Server, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#server = server;
    this.#env = env;
    // A worker that is ended disposes of nothing.
    process.once('exit', this.#end);
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

  /** @param longest ms; then all that it has started is ended, as it is when it ends by itself */
  async play(script: string, longest = LONGEST): Promise<Seen> {
    const work = await mkdtemp(join(this.#folder, 'd'));
    const playing = execa('bash', ['--norc', '-c', `${SHELL_WORDS}\n${script}`], {
      cwd: work,
      reject: false,
      // A process group of its own: a timeout of execa's would end bash alone, and ssh and curl would live on.
      detached: true,
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
    const group = new ProcessGroup(playing.pid);
    this.#playing.add(group);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      group.kill();
    }, longest);
    const { stdout, stderr, exitCode } = await playing.finally(() => {
      clearTimeout(timer);
      group.kill();
      this.#playing.delete(group);
    });
    if (timedOut) return { status: undefined, stdout, stderr: `${stderr}\nit took too long` };
    return { status: exitCode, stdout: this.#neutral(stdout, work), stderr: this.#neutral(stderr, work) };
  }

  /** Ends what is still played. */
  [Symbol.dispose](): void {
    process.off('exit', this.#end);
    for (const group of this.#playing) group.kill();
  }

  /** Without what must differ: the folder, the port, the user. */
  #neutral(text: string, work: string): string {
    return text
      .replaceAll(work, '$D')
      .replaceAll(`${this.#server.user}@127.0.0.1`, 'user@host')
      .replaceAll(`port ${this.#server.port}`, 'port N');
  }
}

class ProcessGroup {
  readonly #leader: number | undefined;

  constructor(leader: number | undefined) {
    this.#leader = leader;
  }

  kill(): void {
    if (this.#leader === undefined) return;
    try {
      process.kill(-this.#leader, 'SIGKILL');
    } catch {
      // Nobody is left in it.
    }
  }
}

function host(name: string, { user, port }: Server): string {
  return `Host ${name}\nHostName 127.0.0.1\nUser ${user}\nPort ${port}`;
}
