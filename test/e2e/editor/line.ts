import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';
import { eventually } from '../harness/eventually.ts';
import { LiveProgram } from '../harness/live-program.ts';
import type { Student } from '../harness/student.ts';
import { freePort } from '../harness/taken-port.ts';
import type { Dial } from './conversation.ts';
import { installScript, type RunningServer, serverSaid } from './script.ts';
import type { Seat } from './seat.ts';
import { connectBySocks } from './socks.ts';

/** How a window reaches the server: by `-D`, by `-L` to its port, or by `-L` to its socket from a port or a socket. */
export type Forward = 'dynamic' | 'port' | 'socket' | 'socket to socket';

export interface LineOptions {
  readonly student: Student;
  readonly seat: Seat;
  readonly forward: Forward;
  /** More options of ssh(1). */
  readonly args: readonly string[];
  /** Sends the server to a home that has none. */
  readonly send: () => Promise<void>;
}

/** What one `ssh` printed that had the script. */
export interface ScriptOutput {
  readonly mark: string;
  /** The server had to be sent. */
  readonly sent: boolean;
  readonly stdout: string;
  /** Without OpenSSH's own "Permanently added" line. */
  readonly stderr: string;
}

/** Bytes of the script at a time. */
const PIECE = 50;
/** A container may have to be made, and a server sent; ms. */
const STARTS_WITHIN = 180_000;

/** A window's connection: its `ssh`, the server that the script found, and the forward to it. */
export interface Line {
  readonly ssh: LiveProgram;
  readonly server: RunningServer;
  readonly dial: Dial;
  /** So far. */
  readonly printed: () => ScriptOutput;
}

/** Connects as VS Code does: a bare shell that reads a script; and, where the forward is no `-D`, a second `ssh` for it. */
export async function openLine(options: LineOptions): Promise<Line> {
  const { seat, student, forward } = options;
  if (forward === 'dynamic') {
    const proxy = { host: seat.address, port: await freePort() };
    const { ssh, server, printed } = await runScript(options, ['-D', `${seat.bind}:${proxy.port}`]);
    return { ssh, server, printed, dial: () => connectBySocks(proxy, server.port) };
  }
  const first = await runScript(options, []);
  const { server, printed } = first;
  await first.ssh[Symbol.asyncDispose]();
  const port = await freePort();
  const path = join(student.home, `editor-${randomBytes(4).toString('hex')}`);
  const here = forward === 'socket to socket' ? path : `${seat.bind}:${port}`;
  const there = forward === 'port' ? `127.0.0.1:${server.port}` : server.socket;
  const ssh = startSsh(options, ['-L', `${here}:${there}`]);
  ssh.write('echo connected\n');
  await ssh.shows('connected', STARTS_WITHIN);
  const at = forward === 'socket to socket' ? { path } : { host: seat.address, port };
  const dial: Dial = async () => {
    const socket = connect(at);
    await once(socket, 'connect');
    return socket;
  };
  return { ssh, server, printed, dial };
}

function startSsh({ student, seat, args }: LineOptions, more: readonly string[]): LiveProgram {
  const [program, all] = seat.ssh(student.sshArguments({ args: ['-T', ...args, ...more] }, 'sh'));
  return new LiveProgram(program, all, { detached: true });
}

async function runScript(options: LineOptions, more: readonly string[]) {
  const mark = randomBytes(6).toString('hex');
  const ssh = startSsh(options, more);
  const script = installScript(mark);
  for (let at = 0; at < script.length; at += PIECE) {
    ssh.write(script.slice(at, at + PIECE));
    await soon();
  }
  await ssh.shows(new RegExp(`^${mark}: (wanted|end)\n`, 'm'), STARTS_WITHIN);
  const sent = serverSaid(mark, ssh.stdout) === undefined;
  if (sent) await options.send();
  const server = await eventually(() => serverSaid(mark, ssh.stdout), {
    what: 'the script says where the server is',
    within: STARTS_WITHIN,
    every: 20,
  });
  const printed = (): ScriptOutput => ({
    mark,
    sent,
    stdout: ssh.stdout,
    stderr: ssh.stderr.replace(/^Warning: Permanently added .*\r?\n/gm, ''),
  });
  return { ssh, server, printed };
}
