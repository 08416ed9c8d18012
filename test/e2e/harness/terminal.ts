import { stripVTControlCharacters } from 'node:util';
import { PATIENCE } from './eventually.ts';
import { LiveProgram } from './live-program.ts';

/** A program in a pseudo-terminal of 120 x 30, by script(1). */
export class Terminal implements AsyncDisposable {
  readonly #program: LiveProgram;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const script = `stty rows 30 cols 120; exec ${line}`;
    this.#program = new LiveProgram(
      'script',
      ['--quiet', '--flush', '--return', '--command', script, '/dev/null'],
      {
        env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
      },
    );
  }

  /** All that was shown so far, without control sequences. */
  get text(): string {
    return stripVTControlCharacters(this.#program.output);
  }

  /** Resolves with how long it took, ms. */
  async shows(text: string | RegExp, within = PATIENCE): Promise<number> {
    const began = performance.now();
    await this.#program.shows(text, within, stripVTControlCharacters);
    return performance.now() - began;
  }

  type(keys: string): void {
    this.#program.write(keys);
  }

  /** The exit status of the program, once it has ended. */
  async ended(within = PATIENCE): Promise<number | null> {
    const { code } = await this.#program.ended(within);
    return code;
  }

  /** Closes the window: the program gets SIGHUP. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
