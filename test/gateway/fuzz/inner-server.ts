import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import ssh2, { type ServerChannel } from 'ssh2';
import type { GatewayUnderTest } from '../gateway-under-test.ts';

/** An SSH server of this process in the place of the container's, since a real one is a process for each connection. */
export async function withInnerServer(it: GatewayUnderTest): Promise<AsyncDisposable> {
  const hostKey = await readFile(join(it.folder, 'inner_host_key'), 'utf8');
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('request', (accept) => accept?.(1));
    connection.on('tcpip', (accept) => echo(accept()));
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty?.());
      session.on('env', (acceptEnv) => acceptEnv?.());
      session.on('shell', (acceptShell) => echo(acceptShell()));
      session.on('subsystem', (acceptSubsystem) => echo(acceptSubsystem()));
      session.on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.on('error', () => {});
        channel.write('in\n');
        channel.exit(0);
        channel.end();
      });
    });
  });
  const path = join(it.folder, 'inner.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  it.workspaces.openSshd = async () => ({ stream: connect(path), diagnostics: () => '' });
  return {
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function echo(channel: ServerChannel): void {
  channel.on('error', () => {});
  channel.on('data', (data: Buffer) => channel.write(data));
  channel.on('end', () => channel.end());
}
