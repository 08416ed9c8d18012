import { readFile } from 'node:fs/promises';
import { removeControlGroup, thawControlGroup } from './control-group.ts';
import { LiveProgram } from './live-program.ts';

/** Process 1 of such a host: it takes over orphans, and has nothing else to do. */
const INIT = 'set -e; ip link set lo up; echo up; while :; do sleep infinity & wait; done';

/**
 * A host of the test's own inside of this machine: mounts, processes and network (bridges, iptables, ports) are its own, the
 * files are this machine's. Whatever runs on it ends with it, and it ends with the process that made it, also where that is
 * killed. Needs root.
 */
export class OwnHost implements AsyncDisposable {
  /** Whatever has containers on this host has their control groups below this one. */
  readonly controlGroup: string;
  readonly #program: LiveProgram;
  /** Its process 1, as this machine counts. */
  readonly #init: number;

  private constructor(controlGroup: string, program: LiveProgram, init: number) {
    this.controlGroup = controlGroup;
    this.#program = program;
    this.#init = init;
  }

  static async start(controlGroup: string): Promise<OwnHost> {
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const program = new LiveProgram(
      'setpriv',
      ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'bash', '--norc', '-c', INIT],
      { detached: true },
    );
    try {
      await program.shows('up');
      const children = await readFile(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8');
      return new OwnHost(controlGroup, program, Number.parseInt(children, 10));
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The file that names its network. */
  get network(): string {
    return `/proc/${this.#init}/ns/net`;
  }

  run(file: string, args: readonly string[]): LiveProgram {
    const target = ['--target', String(this.#init), '--mount', '--net', '--pid'];
    return new LiveProgram('nsenter', [...target, '--', file, ...args], { detached: true });
  }

  /** `pid` as processes of this host count. */
  async signal(signal: NodeJS.Signals, ...pids: readonly string[]): Promise<void> {
    await using program = this.run('bash', ['--norc', '-c', 'kill -s "$@"', 'kill', signal, ...pids]);
    await program.ended();
  }

  /** Every process at once, as if the power were cut. Resolves when none is left. */
  async powerCut(): Promise<void> {
    if (this.#program.exit !== undefined) return;
    process.kill(this.#init, 'SIGKILL');
    await thawControlGroup(this.controlGroup);
    await this.#program.ended();
    await removeControlGroup(this.controlGroup);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerCut();
    await this.#program[Symbol.asyncDispose]();
  }
}
