import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Student } from '../../test/e2e/harness/student.ts';

/** ms; of one key. */
const LIMIT = 30_000;

/** Without lines, which a terminal would fill and then fall silent. The terminal itself echoes; nothing reads. */
const TERMINAL = 'stty -icanon min 1 && echo echoes && exec sleep infinity';

/** A terminal at the end of a real `ssh`, in which one key after the other is pressed. Disposing it closes the window. */
export class SshEcho implements AsyncDisposable {
  readonly #client: ChildProcessByStdio<Writable, Readable, null>;

  private constructor(student: Student) {
    this.#client = spawn('ssh', ['-tt', ...student.sshArguments({}, TERMINAL)], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  }

  static async open(student: Student): Promise<SshEcho> {
    const echo = new SshEcho(student);
    let shown = '';
    while (!shown.includes('echoes')) shown += await echo.#next();
    return echo;
  }

  /** How long each of so many keys takes to be shown; ms. */
  async times(keys: number): Promise<readonly number[]> {
    const found: number[] = [];
    for (let key = 0; key < keys; key += 1) {
      const began = performance.now();
      const shown = this.#next();
      this.#client.stdin.write('x');
      await shown;
      found.push(performance.now() - began);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#client, 'close');
    this.#client.kill('SIGKILL');
    await closed;
  }

  async #next(): Promise<string> {
    const [chunk] = await once(this.#client.stdout, 'data', { signal: AbortSignal.timeout(LIMIT) });
    return String(chunk);
  }
}
