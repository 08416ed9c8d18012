import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quoted } from '../../src/words/shell-word.ts';
import type { GatewayUnderTest } from './gateway-under-test.ts';
import { openProgram } from './inner-sshd.ts';

/**
 * Leads the gateway to the harness' own sshd as somebody who is not root: OpenSSH before 9.8 passes no signal to what root runs. The
 * machine may have no such user with a shell, so that sshd sees another list of users.
 */
export async function asStudent(it: GatewayUnderTest): Promise<void> {
  const users = join(it.folder, 'passwd');
  const entries = [
    'root:*:0:0::/root:/bin/sh',
    'student:*:12345:12345::/:/bin/sh',
    'sshd:*:65534:65534::/:/bin/false',
  ];
  await writeFile(users, `${entries.join('\n')}\n`);
  // It reads the keys with the rights of whose they are.
  await chmod(it.folder, 0o755);
  await chmod(join(it.folder, 'authorized_keys'), 0o644);
  const config = quoted(join(it.folder, 'sshd_config'));
  const command = `mount --bind ${quoted(users)} /etc/passwd && exec /usr/sbin/sshd -i -f ${config}`;
  it.workspaces.user = 'student';
  const inNamespace = `exec unshare --mount sh -c ${quoted(command)}`;
  it.workspaces.openSshd = async () => openProgram(inNamespace, new Set());
}
