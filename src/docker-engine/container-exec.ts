import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { FactoryError } from '../errors/factory-error.ts';
import type { DockerEngine } from './docker-engine.ts';
import { ExecDuplex } from './exec-duplex.ts';
import { LastBytes } from './last-bytes.ts';

/** A command to run in a running container. */
export interface ContainerCommand {
  /** Name or id. */
  readonly container: string;
  readonly command: readonly string[];
  /** Name or number of the Unix user. */
  readonly user: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
}

/** A command that runs: its raw connection (framed unless it has a terminal) and the engine's handle of it. */
export interface StartedExec {
  readonly connection: Duplex;
  readonly exec: Docker.Exec;
}

const KEPT_OUTPUT = 64 * 1024;
/** A busy engine tells of an end late, and a plain sshd would wait without a limit; ms. */
const EXIT_STATUS_LIMIT = 60_000;

/** Starts `command` with its standard streams attached; `signal` counts until it has started. */
export async function startExec(
  engine: DockerEngine,
  { container, command, user, env = {}, terminal = false }: ContainerCommand,
  signal: AbortSignal,
): Promise<StartedExec> {
  const exec = await engine.call({
    what: 'prepare a command in the container',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(container).exec({
        Cmd: [...command],
        User: user,
        Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: terminal,
        abortSignal,
      }),
  });
  const connection = await engine.call({
    what: 'run a command in the container',
    signal,
    request: (_, abortSignal) => exec.start({ hijack: true, stdin: true, Tty: terminal, abortSignal }),
  });
  // Small packets of a terminal must not wait for each other where the engine is reached over TCP.
  if (connection instanceof Socket) connection.setNoDelay(true);
  return { connection, exec };
}

/** The exit status of a command whose outputs have ended; the engine learns of it a moment later. Rejects with `TIMED_OUT`. */
export async function exitStatus(
  engine: DockerEngine,
  exec: Docker.Exec,
  signal: AbortSignal,
): Promise<number> {
  const deadline = Date.now() + EXIT_STATUS_LIMIT;
  for (let wait = 5; Date.now() < deadline; wait = Math.min(wait * 2, 500)) {
    const state = await engine.call({
      what: 'look at a command in the container',
      signal,
      request: (_, abortSignal) => exec.inspect({ abortSignal }),
    });
    if (!state.Running && state.ExitCode !== null) return state.ExitCode;
    await delay(wait, undefined, { signal });
  }
  throw new FactoryError(
    'TIMED_OUT',
    'The command closed its outputs and, as far as Docker knows, still runs; look with `ps` what it does.',
  );
}

/** What a command left behind when it had ended; of each output the last 64 KiB. */
export interface FinishedExec {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `command` to its end with `input` on its standard input. `signal` ends the wait, and the command's standard streams. */
export async function runExec(
  engine: DockerEngine,
  command: ContainerCommand,
  input: string,
  signal: AbortSignal,
): Promise<FinishedExec> {
  const { connection, exec } = await startExec(engine, command, signal);
  const stderr = new LastBytes(KEPT_OUTPUT);
  const stdout = new LastBytes(KEPT_OUTPUT);
  const process = new ExecDuplex(connection, stderr);
  try {
    process.end(input);
    process.pipe(stdout);
    await finished(process, { writable: false, signal });
  } finally {
    process.destroy();
  }
  return { status: await exitStatus(engine, exec, signal), stdout: stdout.text(), stderr: stderr.text() };
}
