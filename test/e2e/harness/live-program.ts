import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { eventually, PATIENCE } from './eventually.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LiveProgramOptions {
  readonly cwd?: string;
  /** Added to the test's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A process group and session of its own: no terminal to ask a person. */
  readonly detached?: boolean;
  /** Nobody reads its standard output: what it writes stays in the pipe until that is full. */
  readonly unread?: boolean;
}

/** A program that runs beside the test: it is written to, looked at, killed. Disposing it kills it. */
export class LiveProgram implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  #output = '';
  #stdout = '';
  #stderr = '';
  #exit: Exit | undefined;
  #goneAt: number | undefined;

  constructor(file: string, args: readonly string[], options: LiveProgramOptions = {}) {
    this.#name = file;
    this.#child = spawn(file, args, {
      stdio: 'pipe',
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: options.detached ?? false,
    });
    const { stdout, stderr } = this.#child;
    for (const stream of options.unread === true ? [stderr] : [stdout, stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        if (stream === stdout) this.#stdout += text;
        else this.#stderr += text;
      });
    }
    // What is written to a program that just ended is lost, as it is in a shell.
    this.#child.stdin.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#output += String(error);
        this.#exit = { code: 127, signal: null };
        resolve();
      });
      this.#child.once('exit', () => {
        this.#goneAt = Date.now();
      });
      this.#child.on('close', (code, signal) => {
        this.#exit = { code, signal };
        resolve();
      });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`);
    return this.#child.pid;
  }

  /** Everything it wrote so far, on both its outputs. */
  get output(): string {
    return this.#output;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when it has ended. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** When its process had ended, ms since the epoch; undefined while it runs. Earlier than `exit`, which waits for its outputs. */
  get goneAt(): number | undefined {
    return this.#goneAt;
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when `view` of the output holds `text`; rejects at once when the program ends without it. */
  async shows(text: string | RegExp, within = PATIENCE, view = (output: string) => output): Promise<void> {
    const outcome = await eventually(
      () => {
        const exit = this.#exit;
        if (view(this.#output).match(text) !== null) return 'shown' as const;
        return exit !== undefined && ('ended' as const);
      },
      { what: String(text), within, every: 5 },
    ).catch(() => 'late' as const);
    if (outcome === 'shown') return;
    throw new Error(`${this.#name} did not show ${text} (${outcome}); it showed:\n${view(this.#output)}`);
  }

  async ended(within = PATIENCE): Promise<Exit> {
    return eventually(() => this.#exit, {
      what: `${this.#name} ends; it showed:\n${this.#output}`,
      within,
      every: 10,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    // One that is never read never ends.
    this.#child.stdout.destroy();
    await this.#closed;
  }
}
