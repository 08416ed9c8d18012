import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * This machine's sshd on a free port, with the configuration of the one behind the gateway and for one key. One process a connection, as inetd
 * runs it: so the port is never another's.
 *
 * @param folder that of the gateway under test, whose sshd_config it takes
 */
export async function startPlainSshd(folder: string, publicKey: string) {
  const keys = join(folder, 'plain_authorized_keys');
  await writeFile(keys, publicKey, { mode: 0o600 });
  const hostKey = join(folder, 'plain_ecdsa');
  await execa('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', hostKey]);
  const own = [
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    `AuthorizedKeysFile ${keys}`,
    // One more: Debian's sshd has such a key.
    `HostKey ${hostKey}`,
  ];
  const config = join(folder, 'plain_sshd_config');
  const inner = await readFile(join(folder, 'sshd_config'), 'utf8');
  // Of two lines the first counts.
  await writeFile(config, `${own.join('\n')}\n${inner}`);
  const processes = new Set<ChildProcess>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn('/usr/sbin/sshd', ['-i', '-f', config], { stdio: [socket, socket, 'ignore'] });
    processes.add(child);
    child.once('exit', () => processes.delete(child));
    socket.on('error', () => {});
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    config,
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      server.close();
      for (const child of processes) child.kill('SIGKILL');
    },
  };
}
