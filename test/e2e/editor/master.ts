import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.ts';
import type { SshSession } from '../harness/ssh-session.ts';
import type { Student } from '../harness/student.ts';

/** A connection (ControlMaster) that all clients with its `args` share. */
export interface Master {
  readonly session: SshSession;
  readonly args: readonly string[];
}

export async function openMaster(student: Student, stack: AsyncDisposableStack): Promise<Master> {
  const args = ['-S', join(student.home, `master-${randomBytes(4).toString('hex')}`)];
  const session = stack.use(student.connect(undefined, { args: ['-N', '-M', ...args] }));
  const check = () => student.exec('', { args: [...args, '-O', 'check'] });
  await eventually(async () => (await check()).exitCode === 0, { what: 'a master' });
  return { session, args };
}
