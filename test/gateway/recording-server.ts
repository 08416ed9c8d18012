import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Session } from 'ssh2';
import type { GatewayUnderTest } from './gateway-under-test.ts';

/** What an SSH server in the container's place was sent around its commands, in its order. */
export interface RecordingServer extends Disposable {
  readonly notes: readonly string[];
}

/** Lets everybody in; its commands never end. */
export async function recordInner(it: GatewayUnderTest): Promise<RecordingServer> {
  const notes: string[] = [];
  const hostKey = await readFile(join(it.folder, 'inner_host_key'), 'utf8');
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => record(accept(), notes));
  });
  const path = join(it.folder, 'recording.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  it.workspaces.openSshd = async () => ({ stream: connect(path), diagnostics: () => '' });
  return { notes, [Symbol.dispose]: () => void server.close() };
}

function record(session: Session, notes: string[]): void {
  session.on('pty', (accept, _reject, { cols, rows }) => {
    notes.push(`pty ${cols}x${rows}`);
    accept();
  });
  session.on('window-change', (_accept, _reject, { cols, rows }) => notes.push(`size ${cols}x${rows}`));
  session.on('signal', (_accept, _reject, { name }) => notes.push(`signal ${name}`));
  session.on('break', (_accept, _reject, length) => notes.push(`break ${length.readUInt32BE()}`));
  session.on('exec', (accept) => {
    notes.push('exec');
    accept()
      .on('end', () => notes.push('eof'))
      .resume();
  });
}
