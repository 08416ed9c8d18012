import { join } from 'node:path';
import { eventually } from '../../test/e2e/harness/eventually.ts';
import type { SshSession } from '../../test/e2e/harness/ssh-session.ts';
import type { SshOptions, Student } from '../../test/e2e/harness/student.ts';

/** A way into a container by SSH, with a connection that is there all the time. Disposing it ends that. */
export class SshWay implements AsyncDisposable {
  readonly student: Student;
  /** Of an `ssh` or `sftp` that takes a channel of that connection and makes none itself. */
  readonly overMaster: SshOptions;
  readonly #master: SshSession;

  private constructor(student: Student) {
    const socket = join(student.home, 'master');
    this.student = student;
    this.overMaster = { args: ['-o', `ControlPath=${socket}`] };
    this.#master = student.connect(undefined, { args: ['-M', '-S', socket, '-N'] });
  }

  /** Resolves when the connection is there. */
  static async open(student: Student): Promise<SshWay> {
    const way = new SshWay(student);
    const check = { args: [...(way.overMaster.args ?? []), '-O', 'check'] };
    await eventually(async () => (await student.exec('', check)).exitCode === 0, {
      what: `a connection of ${student.name}`,
      within: 60_000,
    });
    return way;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#master[Symbol.asyncDispose]();
  }
}
