import { PATIENCE } from './eventually.ts';
import { LiveProgram, type LiveProgramOptions } from './live-program.ts';

/** An `ssh` that stays connected until it is told to go, or killed. */
export class SshSession implements AsyncDisposable {
  readonly #program: LiveProgram;

  constructor(
    args: readonly string[],
    { env = {}, unread = false }: Pick<LiveProgramOptions, 'env' | 'unread'> = {},
  ) {
    this.#program = new LiveProgram('ssh', args, { env, unread, detached: true });
  }

  /** Everything the client wrote so far, on both its outputs. */
  get output(): string {
    return this.#program.output;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** When the client's process had ended, ms since the epoch; undefined while it runs. */
  get goneAt(): number | undefined {
    return this.#program.goneAt;
  }

  async shows(text: string | RegExp, within = PATIENCE): Promise<void> {
    await this.#program.shows(text, within);
  }

  write(text: string): void {
    this.#program.write(text);
  }

  /** Ends the client's input, which ends what reads it; resolves with the client's exit status. */
  async logOut(): Promise<number | null> {
    this.#program.endInput();
    return this.ended();
  }

  /** As a power cut does it: no goodbye on the wire but the kernel's. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#program.signal(signal);
    await this.#program.ended();
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  /** The client's exit status, once it has ended; null where a signal ended it. */
  async ended(within = PATIENCE): Promise<number | null> {
    const { code } = await this.#program.ended(within);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
