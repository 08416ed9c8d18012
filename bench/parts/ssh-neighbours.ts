import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { docker } from '../../test/e2e/harness/docker.ts';
import { eventually } from '../../test/e2e/harness/eventually.ts';
import { LiveProgram } from '../../test/e2e/harness/live-program.ts';
import { LAB_IMAGE } from '../../test/e2e/harness/set-up.ts';
import { makeKey, Student } from '../../test/e2e/harness/student.ts';
import { addressOf } from './bare-address.ts';
import { bareName } from './bare-names.ts';

/** The Unix user of the sessions, as in our lab. */
const USER = 'lab';

/** What sshd_config(5) of the inner sshd says, too; the rest is as it comes. */
const START_SSHD =
  'mkdir -p /run/sshd && ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/host_key && ' +
  'printf "%s\\n" "$1" >/etc/ssh/keys && exec /usr/sbin/sshd -D -e -f /dev/null -o HostKey=/etc/ssh/host_key ' +
  '-o AuthorizedKeysFile=/etc/ssh/keys -o StrictModes=no -o UseDNS=no -o "Subsystem=sftp internal-sftp"';

export interface NeighbourOptions {
  /** For keys and what else is written; it has to be there. */
  readonly folder: string;
  /** Of the container, as `docker run` takes them. */
  readonly limits: readonly string[];
}

/** The same image without us, with an `sshd` of its own that is reached by the container's address. Disposing it removes it. */
export class PlainSshd implements AsyncDisposable {
  readonly student: Student;
  readonly #container: string;

  private constructor(container: string, student: Student) {
    this.#container = container;
    this.student = student;
  }

  static async run({ folder, limits }: NeighbourOptions): Promise<PlainSshd> {
    let host = '';
    const student = await Student.create(USER, join(folder, 'sshd'), () => ({ host, port: 22 }));
    const container = await runImage(limits, ['/bin/sh', '-c', START_SSHD, 'sshd', student.publicKey]);
    host = await addressOf(container);
    await eventually(async () => (await student.exec('true')).exitCode === 0, {
      what: 'sshd answers',
      within: 20_000,
      every: 50,
    });
    return new PlainSshd(container, student);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.#container);
  }
}

/** The same image behind the bench's own SSH server, which makes a `docker exec` of each channel. Disposing it removes both. */
export class BareBridge implements AsyncDisposable {
  readonly student: Student;
  readonly #container: string;
  readonly #program: LiveProgram;

  private constructor(container: string, program: LiveProgram, student: Student) {
    this.#container = container;
    this.#program = program;
    this.student = student;
  }

  static async run({ folder, limits }: NeighbourOptions): Promise<BareBridge> {
    let port = 0;
    const student = await Student.create(USER, join(folder, 'bridge'), () => ({ host: '127.0.0.1', port }));
    const hostKey = join(folder, 'bridge-host-key');
    await makeKey(hostKey);
    const container = await runImage(limits, ['sleep', 'infinity']);
    const file = join(import.meta.dirname, 'bare-bridge-program.ts');
    const program = new LiveProgram(process.execPath, [file, container, hostKey, `${student.keyFile}.pub`]);
    await program.shows(/^\d+\n/, 20_000);
    port = Number.parseInt(program.output, 10);
    return new BareBridge(container, program, student);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await remove(this.#container);
  }
}

/** Resolves with the name of its container. */
async function runImage(limits: readonly string[], command: readonly string[]): Promise<string> {
  const name = bareName(randomBytes(3).toString('hex'), process.pid);
  await docker([
    'run',
    '--detach',
    '--init',
    '--name',
    name,
    '--user',
    'root',
    ...limits,
    LAB_IMAGE,
    ...command,
  ]);
  return name;
}

async function remove(container: string): Promise<void> {
  await docker(['rm', '--force', '--volumes', container]);
}
