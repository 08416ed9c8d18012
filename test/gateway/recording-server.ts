import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Session } from 'ssh2';
import type { GatewayUnderTest } from './gateway-under-test.ts';

/** What an SSH server in the container's place was sent around its commands, in its order. */
export interface RecordingServer extends Disposable {
  readonly notes: readonly string[];
}

interface RecordingOptions {
  /** It can be reached from then on. */
  readonly ready?: Promise<unknown>;
  /** It answers to a command from then on. */
  readonly starting?: Promise<unknown>;
}

/** Lets everybody in; its commands never end. */
export async function recordInner(
  it: GatewayUnderTest,
  { ready, starting }: RecordingOptions = {},
): Promise<RecordingServer> {
  const notes: string[] = [];
  const hostKey = await readFile(join(it.folder, 'inner_host_key'), 'utf8');
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => record(accept(), notes, starting));
  });
  const path = join(it.folder, 'recording.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  it.workspaces.openSshd = async () => {
    await ready;
    return { stream: connect(path), diagnostics: () => '' };
  };
  return { notes, [Symbol.dispose]: () => void server.close() };
}

function record(session: Session, notes: string[], starting: Promise<unknown> | undefined): void {
  session.on('pty', (accept, _reject, { cols, rows }) => {
    notes.push(`pty ${cols}x${rows}`);
    accept();
  });
  session.on('window-change', (_accept, _reject, { cols, rows }) => notes.push(`size ${cols}x${rows}`));
  session.on('signal', (_accept, _reject, { name }) => notes.push(`signal ${name}`));
  session.on('break', (_accept, _reject, length) => notes.push(`break ${length.readUInt32BE()}`));
  session.on('eow@openssh.com', () => notes.push('reads no more'));
  session.on('exec', async (accept) => {
    notes.push('exec');
    await starting;
    accept()
      .on('end', () => notes.push('eof'))
      .resume();
  });
}
