import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Student } from '../../test/e2e/harness/student.ts';

/** What a window and all buffers on the way hold has come by then; ms. */
const FULL_STREAM = 300;

/** Logins that each send zeros as fast as they are taken. Disposing them ends them. */
export class SshFloods implements AsyncDisposable {
  readonly #student: Student;
  readonly #clients: readonly ChildProcess[];

  private constructor(student: Student, clients: readonly ChildProcess[]) {
    this.#student = student;
    this.#clients = clients;
  }

  /** Resolves when all flow. */
  static async start(student: Student, count: number): Promise<SshFloods> {
    const args = student.sshArguments({}, 'echo it flows >&2; exec cat /dev/zero');
    const clients = Array.from({ length: count }, () =>
      spawn('ssh', args, { stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    const floods = new SshFloods(student, clients);
    await Promise.all(clients.map((client) => flows(client)));
    await delay(FULL_STREAM);
    return floods;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#clients.map(async (client) => {
        if (client.exitCode !== null || client.signalCode !== null) return;
        const closed = once(client, 'close');
        client.kill('SIGKILL');
        await closed;
      }),
    );
    // A bare `docker exec` leaves its command running, and the engine takes what that says for as long as it says it.
    await this.#student.exec('pkill -x cat');
  }
}

async function flows(client: ChildProcess): Promise<void> {
  let said = '';
  for await (const text of client.stderr?.setEncoding('utf8') ?? []) {
    said += text;
    if (said.includes('it flows')) return;
  }
  throw new Error(`no flood: ${said}`);
}
