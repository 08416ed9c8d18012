import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { execa } from 'execa';
import type { SshdTransport } from '../../src/workspaces/ports/runtime.ts';

/** A real `sshd -i` of this machine, in the place of the one in a container. */
export interface InnerSshd {
  open(): SshdTransport;
  /** Those that run now. */
  readonly processes: ReadonlySet<ChildProcess>;
}

export async function createInnerSshd(folder: string, authorizedKey: string): Promise<InnerSshd> {
  const hostKey = join(folder, 'inner_host_key');
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  await writeFile(join(folder, 'authorized_keys'), `${authorizedKey}\n`, { mode: 0o600 });
  const config = join(folder, 'sshd_config');
  await writeFile(
    config,
    [
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      'AcceptEnv *',
      'X11Forwarding yes',
      `XAuthLocation ${join(folder, 'xauth')}`,
      'MaxSessions 300',
      'StreamLocalBindUnlink yes',
      'PrintMotd no',
      'PrintLastLog no',
      'Subsystem sftp internal-sftp',
      // Without this machine's own .bashrc, which may say and do anything; nor does a shell that ends late write its history.
      `SetEnv HOME=${folder} HISTFILE=/dev/null`,
      '',
    ].join('\n'),
  );
  await mkdir('/run/sshd', { recursive: true });
  const processes = new Set<ChildProcess>();
  const open = (): SshdTransport => transportOf(run('/usr/sbin/sshd', ['-i', '-f', config], processes));
  return { open, processes };
}

/** A program that is not sshd, in its place: what a hostile student may put there. */
export function openProgram(command: string, processes: Set<ChildProcess>): SshdTransport {
  return transportOf(run('/bin/sh', ['-c', command], processes));
}

function run(file: string, args: string[], processes: Set<ChildProcess>): ChildProcess {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  processes.add(child);
  child.once('exit', () => processes.delete(child));
  return child;
}

function transportOf(child: ChildProcess): SshdTransport {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('spawned without pipes');
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4096);
  });
  stdin.on('error', () => {});
  // As with Docker, which has both outputs in one stream: the end comes after all that was said, and what is written to a
  // process that has ended goes nowhere.
  const output = new PassThrough({ highWaterMark: 64 * 1024 });
  stdout.pipe(output, { end: false });
  child.once('close', () => output.end());
  const input = new PassThrough({ highWaterMark: 64 * 1024 });
  input.pipe(stdin);
  child.once('close', () => input.resume());
  const stream = Duplex.from({ writable: input, readable: output });
  stream.once('close', () => child.kill('SIGKILL'));
  return { stream, diagnostics: () => said };
}
