import { type Duplex, PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { type ContainerCommand, exitStatus, startExec } from '../../../docker-engine/container-exec.ts';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { refusalStatus } from '../../../docker-engine/docker-failure.ts';
import { ExecDuplex } from '../../../docker-engine/exec-duplex.ts';
import { LastBytes } from '../../../docker-engine/last-bytes.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { Logger } from '../../../logging/logger.ts';
import { orAborted } from '../../../time/or-aborted.ts';
import type { ExecStream, SshdTransport } from '../../../workspaces/ports/runtime.ts';
import { isWithoutRoot, loginOf } from '../container-spec.ts';
import { inspectContainer } from '../container-state.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';
import { hangUp, markedCommand, newMark, type TerminalMark } from './exec-terminal.ts';
import { ExecTerminalSize, type TerminalSize } from './exec-terminal-size.ts';
import { PIPES_TARGET, type PipeFolders } from './pipes/pipe-folders.ts';
import { PipedSshd } from './pipes/piped-sshd.ts';
import { sshdCommand } from './start-sshd.ts';

const KEPT_DIAGNOSTICS = 4096;

/** What is held, or told, of the commands of `openExec`. */
export interface ExecParts {
  /** Has the mark of each terminal as long as somebody holds it. */
  readonly openTerminals: Set<TerminalMark>;
  readonly logger: Logger;
}

export interface InnerSshdOptions {
  readonly authorizedKey: string;
  /** Goes into every session, over what the lab sets. */
  readonly env: Readonly<Record<string, string>>;
  readonly pipeFolders: PipeFolders | undefined;
  readonly logger: Logger;
}

/** `sshd -i` as root. */
export async function openInnerSshd(
  { engine, key, names }: WorkspaceObjects,
  { authorizedKey, env, pipeFolders, logger }: InnerSshdOptions,
  signal: AbortSignal,
): Promise<SshdTransport> {
  const pipes = await pipeFolders?.pipes(key, signal).catch((err: unknown) => {
    signal.throwIfAborted();
    // As for a container of an earlier version.
    logger.debug({ err }, 'no named pipes for this session: it goes through the engine');
    return undefined;
  });
  const command = sshdCommand(authorizedKey, env, pipes && `${PIPES_TARGET}/${pipes.name}`);
  const diagnostics = new LastBytes(KEPT_DIAGNOSTICS);
  const text = (): string => diagnostics.text();
  try {
    const { connection } = await begin(engine, { container: names.container, command, user: '0' }, signal);
    const exec = new ExecDuplex(connection, diagnostics);
    return { stream: pipes === undefined ? exec : new PipedSshd(exec, pipes), diagnostics: text };
  } catch (error) {
    await pipes?.leave();
    throw error;
  }
}

/**
 * A command, with a terminal where `pty` is given. It runs as root, or where the lab has none as the user of the sessions: a student's
 * way in is no way to more rights.
 */
export async function openExec(
  objects: WorkspaceObjects,
  command: readonly string[],
  pty: (TerminalSize & { readonly term: string }) | undefined,
  parts: ExecParts,
  signal: AbortSignal,
): Promise<ExecStream> {
  const { engine, names } = objects;
  const container = await inspectContainer(objects, signal);
  if (container === undefined) throw notRunning();
  const user = isWithoutRoot(container) ? loginOf(container) : '0';
  if (pty !== undefined) return openTerminal(objects, { command, user }, pty, parts, signal);
  const { connection, exec } = await begin(engine, { container: names.container, command, user }, signal);
  return pipedStream(engine, exec, connection);
}

async function openTerminal(
  { engine, names: { container } }: WorkspaceObjects,
  { command, user }: Pick<ContainerCommand, 'command' | 'user'>,
  { term, columns, rows }: TerminalSize & { readonly term: string },
  { openTerminals, logger }: ExecParts,
  signal: AbortSignal,
): Promise<ExecStream> {
  const mark = newMark();
  openTerminals.add(mark);
  const close = async (): Promise<void> => {
    if (!openTerminals.delete(mark)) return;
    // Where the container is gone or paused so is the shell, or it is found by whoever looks for what was left.
    await hangUp(engine, container, mark).catch(() => {});
  };
  try {
    const marked = markedCommand(command, mark);
    const wanted = { container, command: marked, user, env: { TERM: term }, terminal: true };
    const { connection, exec } = await begin(engine, wanted, signal);
    const size = new ExecTerminalSize({ engine, exec, logger });
    const exit = () => exitAfter([connection], engine, exec);
    const stream = terminalStream({ connection, size, exit }, () => openTerminals.delete(mark), close);
    await orAborted(stream.resize(columns, rows), signal);
    return stream;
  } catch (error) {
    void close();
    throw error;
  }
}

export function notRunning(cause?: unknown): FactoryError {
  return new FactoryError('CONTAINER_FAILED', 'The container of this lab is not running; connect again.', {
    cause,
  });
}

async function begin(engine: DockerEngine, command: ContainerCommand, signal: AbortSignal) {
  try {
    return await startExec(engine, command, signal);
  } catch (thrown) {
    const status = refusalStatus(thrown);
    throw status === 404 || status === 409 ? notRunning(thrown) : thrown;
  }
}

/** `onEnd`: its command has ended by itself; `onCut`: it may have not. */
function terminalStream(
  {
    connection,
    size,
    exit,
  }: {
    readonly connection: Duplex;
    readonly size: ExecTerminalSize;
    readonly exit: () => Promise<number>;
  },
  onEnd: () => void,
  onCut: () => Promise<void>,
): ExecStream {
  return {
    stdin: connection,
    stdout: connection,
    stderr: Readable.from([]),
    resize: (columns, rows) => size.set({ columns, rows }),
    exit: async () => {
      const status = await exit();
      onEnd();
      return status;
    },
    close: () => {
      connection.destroy();
      void onCut();
    },
  };
}

function pipedStream(engine: DockerEngine, exec: Docker.Exec, connection: Duplex): ExecStream {
  const stderr = new PassThrough();
  const stream = new ExecDuplex(connection, stderr);
  return {
    stdin: stream,
    stdout: stream,
    stderr,
    resize: () => Promise.resolve(),
    exit: () => exitAfter([stream, stderr], engine, exec),
    close: () => stream.destroy(),
  };
}

async function exitAfter(
  outputs: readonly Readable[],
  engine: DockerEngine,
  exec: Docker.Exec,
): Promise<number> {
  // An output that broke has ended, too.
  await Promise.allSettled(outputs.map((output) => finished(output, { writable: false })));
  // Its end is its own: a limit here would hide the sentence that says which it is.
  return exitStatus(engine, exec, new AbortController().signal);
}
