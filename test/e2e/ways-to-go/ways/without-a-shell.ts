import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect } from 'vitest';
import { eventually, PATIENCE } from '../../harness/eventually.ts';
import { LiveProgram } from '../../harness/live-program.ts';
import type { SshSession } from '../../harness/ssh-session.ts';
import type { Student } from '../../harness/student.ts';
import { freePort } from '../../harness/taken-port.ts';
import { GRACE, type Stay, stay, type Way } from '../way.ts';

const LOUD = ['-o', 'LogLevel=VERBOSE'];

/** `-N`: a connection without any channel. */
export async function tunnel(student: Student, ...args: readonly string[]): Promise<SshSession> {
  const client = student.connect(undefined, { args: ['-N', ...LOUD, ...args] });
  await client.shows('Authenticated to');
  return client;
}

/** A path for a master's socket. One that was killed leaves its socket, and the next master on that path would go without. */
async function controlSocket({ home }: Student): Promise<string> {
  const socket = join(home, 'master');
  await rm(socket, { force: true });
  return socket;
}

const background: Way = {
  name: 'a client in the background (-f), killed',
  come: async ({ student }): Promise<Stay> => {
    const socket = await controlSocket(student);
    const args = student.sshArguments({ args: ['-f', '-N', '-M', '-S', socket] }, undefined);
    await execa('ssh', args, { stdio: 'ignore', timeout: PATIENCE });
    const { stderr } = await student.exec('', { args: ['-S', socket, '-O', 'check'] });
    const pid = Number(/pid=(\d+)/.exec(stderr)?.[1]);
    const kill = () => process.kill(pid, 'SIGKILL');
    return {
      leave: async () => kill(),
      [Symbol.asyncDispose]: async () => {
        try {
          kill();
        } catch {
          // It is gone, as it should be.
        }
      },
    };
  },
};

const sftp: Way = {
  name: 'sftp left open, then killed',
  come: async ({ student }) => {
    const [config = '', file = '', ...rest] = student.sshArguments({}, undefined);
    const [, port = '', , login = '', host = ''] = rest;
    const program = new LiveProgram('sftp', [config, file, '-P', port, `${login}@${host}`], {
      detached: true,
    });
    await program.shows('Connected to');
    program.write('pwd\n');
    await program.shows('Remote working directory');
    return stay(program, (client) => client.signal('SIGKILL'));
  },
};

/** One client is the master, two more are channels of its connection. */
async function shared(
  student: Student,
  leave: (master: SshSession, socket: string) => Promise<unknown>,
): Promise<Stay> {
  const stack = new AsyncDisposableStack();
  const socket = await controlSocket(student);
  const master = stack.use(student.connect(undefined, { args: ['-N', '-M', '-S', socket] }));
  const check = () => student.exec('', { args: ['-S', socket, '-O', 'check'] });
  await eventually(async () => (await check()).exitCode === 0, { what: 'a master' });
  for (const _ of [1, 2]) stack.use(await student.hold({ args: ['-S', socket] }));
  return {
    leave: () => leave(master, socket),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const SHARED: readonly Way[] = [
  {
    name: 'ControlMaster with channels left, killed',
    come: ({ student }) => shared(student, (master) => master.kill()),
  },
  {
    name: 'ControlMaster with channels left, ssh -O exit',
    come: ({ student }) =>
      shared(student, async (master, socket) => {
        await student.exec('', { args: ['-S', socket, '-O', 'exit'] });
        await master.ended();
      }),
  },
];

/** Rejects when it is ended before data has come. The program takes one connection, so none that it has taken is given up. */
async function connectedTo(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  const ended = new AbortController();
  socket.once('close', () => ended.abort());
  try {
    await once(socket, 'data', { signal: AbortSignal.any([ended.signal, AbortSignal.timeout(PATIENCE)]) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket.on('error', () => {}).resume();
}

const dataInAForward: Way = {
  name: 'a forward (-L) with data in it, killed',
  come: async ({ student }): Promise<Stay> => {
    await student.run('setsid sh -c "yes | nc -l 127.0.0.1 7001" >/dev/null 2>&1 </dev/null &');
    const port = await freePort();
    const client = await tunnel(student, '-L', `${port}:127.0.0.1:7001`);
    // The program may not listen yet.
    const reader = await eventually(() => connectedTo(port), { what: 'data in the forward' });
    return {
      leave: () => client.kill(),
      [Symbol.asyncDispose]: async () => {
        reader.destroy();
        await client[Symbol.asyncDispose]();
      },
    };
  },
};

const SERVER = "while :; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\nan editor' | nc -l -N 127.0.0.1 7002; done";

/** VS Code Remote-SSH, JetBrains Gateway: a script on a shell's input starts a server, and all goes through `-D`. */
export const EDITOR: Way = {
  name: 'an editor like VS Code: a detached server, -D and no shell',
  come: async ({ student }) => {
    const port = await freePort();
    const client = student.connect('sh', { args: ['-T', '-D', String(port)] });
    client.write(`setsid sh -c "${SERVER}" >/dev/null 2>&1 </dev/null &\n`);
    client.write('echo listening on $!\n');
    await client.shows('listening on');
    const address = ['--socks5-hostname', `127.0.0.1:${port}`, 'http://127.0.0.1:7002/'];
    const { stdout } = await eventually(
      () => execa('curl', ['--silent', '--show-error', ...address], { timeout: 30_000 }),
      { what: 'the detached server answers' },
    );
    expect(stdout).toBe('an editor');
    return stay(client, () => client.kill());
  },
  comeBack: async ({ student }) => {
    // It outlived the connection, asleep and awake.
    expect(await student.run('pgrep -f "an edi[t]or"')).not.toBe('');
  },
};

export const WITHOUT_A_SHELL: readonly Way[] = [
  {
    name: 'no channel at all (-N), killed',
    come: async ({ student }) => stay(await tunnel(student), (client) => client.kill(), { lasts: 2 * GRACE }),
  },
  background,
  sftp,
  ...SHARED,
  dataInAForward,
  EDITOR,
];
