import { once } from 'node:events';
import { constants } from 'node:os';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ClientChannel } from 'ssh2';
import { FactoryError } from '../errors/factory-error.ts';
import type { LabDoor } from '../gateway/door/lab-door.ts';
import { openDoor } from '../gateway/door/open-door.ts';
import { DEFAULT_LIMITS } from '../gateway/gateway-limits.ts';
import { printable, type SlowCode, slowSentence } from '../gateway/inner/inner-advice.ts';
import { type InnerConnection, openInnerConnection } from '../gateway/inner/inner-connection.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { waitForWorkspace } from '../waiting/waiting-screen.ts';
import type { Lease } from '../workspaces/workspace-access.ts';

/** What a shell ends with that a signal ended: this and the signal's number. */
const BY_SIGNAL = 128;
const CTRL_C = 0x03;

export interface LocalShell {
  readonly lease: Lease;
  /** The Unix user of the lab. */
  readonly user: string;
  /** Of the key that the container's sshd knows. */
  readonly privateKey: string;
  /** Of the lab; open as long as the shell. */
  readonly door: LabDoor;
  /** What to type where the lab itself is broken. */
  readonly remedy: string;
  readonly terminal: { readonly input: ReadStream; readonly output: WriteStream };
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A login shell in the lab's container on this terminal, as SSH from elsewhere would give it: by the container's own sshd, over an
 * exec. What the workspace does is shown until the prompt comes; ^C before the container runs ends the wait. Resolves with the
 * shell's exit status, or undefined where it was ended from outside. Rejects as `openInnerConnection` does.
 */
export async function runLocalShell(shell: LocalShell, signal: AbortSignal): Promise<number | undefined> {
  const { input, output } = shell.terminal;
  const ended = new AbortController();
  const over = AbortSignal.any([signal, ended.signal]);
  const end = (): void => ended.abort();
  // The window was closed: reads and writes fail from then on.
  input.on('error', end);
  input.setRawMode(true);
  try {
    const inner = openInner(shell, over);
    const typed = await typedWhileWaiting(shell, inner, end, over);
    if (over.aborted) return undefined;
    const connection = await inner;
    openDoor(connection, { ...shell, key: shell.lease.key, limits: DEFAULT_LIMITS });
    const channel = await openShell(connection, output);
    return await join(channel, shell.terminal, typed, AbortSignal.any([over, connection.over]));
  } catch (error) {
    if (over.aborted) return undefined;
    throw error;
  } finally {
    ended.abort();
    input.setRawMode(false).pause().off('error', end);
  }
}

function openInner({ remedy, ...shell }: LocalShell, signal: AbortSignal): Promise<InnerConnection> {
  const sshdFailed = (reason: string, cause: unknown): FactoryError =>
    new FactoryError(
      'INNER_SSHD_FAILED',
      `The SSH server in your container does not start (${printable(reason)}). ${remedy}`,
      { cause },
    );
  const tooSlow = (code: SlowCode, cause: unknown): FactoryError => {
    const sentence = slowSentence(DEFAULT_LIMITS.innerReady / 1000);
    return new FactoryError(code, `${sentence} Try again in a moment. ${remedy}`, { cause });
  };
  const limits = {
    readyTimeout: DEFAULT_LIMITS.innerReady,
    answerTimeout: DEFAULT_LIMITS.innerAnswer,
    rekeyTimeout: DEFAULT_LIMITS.innerRekey,
  };
  return openInnerConnection({ ...shell, ...limits, sshdFailed, tooSlow }, signal);
}

async function typedWhileWaiting(
  { lease, remedy, terminal: { input, output }, clock }: LocalShell,
  inner: Promise<InnerConnection>,
  end: () => void,
  signal: AbortSignal,
): Promise<Buffer> {
  let possible = false;
  inner.then(
    () => {
      possible = true;
    },
    () => {},
  );
  // In raw mode the terminal makes no signal of it.
  const leave = (keys: Buffer): void => {
    if (!possible && keys.includes(CTRL_C)) end();
  };
  input.on('data', leave);
  try {
    return await waitForWorkspace({
      terminal: { input, write: (text) => output.write(text), columns: () => output.columns || 80 },
      lease,
      adviceOn: () => ` ${remedy}`,
      shellPossible: inner,
      clock,
      signal,
    });
  } finally {
    input.off('data', leave);
  }
}

async function openShell({ client, over }: InnerConnection, output: WriteStream): Promise<ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
  const lost = (): void => reject(connectionLost());
  over.addEventListener('abort', lost);
  try {
    if (over.aborted) throw connectionLost();
    const { rows, columns: cols } = output;
    client.shell({ rows, cols, term: process.env.TERM ?? 'xterm' }, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(connectionLost(error));
    });
    return await promise;
  } finally {
    over.removeEventListener('abort', lost);
  }
}

async function join(
  channel: ClientChannel,
  { input, output }: LocalShell['terminal'],
  typed: Buffer,
  signal: AbortSignal,
): Promise<number> {
  let status: number | undefined;
  channel.on('exit', (code: number | null, name?: string) => {
    status = code ?? BY_SIGNAL + signalNumber(name);
  });
  channel.on('error', () => {});
  const resize = (): void => channel.setWindow(output.rows, output.columns, 0, 0);
  output.on('resize', resize);
  if (typed.length > 0) channel.write(typed);
  input.pipe(channel);
  channel.pipe(output, { end: false });
  try {
    // What it wrote last may still be on its way to a slow terminal when it is closed.
    await Promise.all([once(channel, 'end', { signal }), once(channel, 'close', { signal })]);
  } catch (cause) {
    if (status === undefined) throw connectionLost(cause);
  } finally {
    input.unpipe(channel);
    output.off('resize', resize);
    channel.close();
  }
  if (status === undefined) throw connectionLost();
  return status;
}

function signalNumber(name: string | undefined): number {
  const known = Object.entries(constants.signals).find(([signal]) => signal === `SIG${name}`);
  return known?.[1] ?? 0;
}

function connectionLost(cause?: unknown): FactoryError {
  return new FactoryError('INNER_SSHD_FAILED', 'The connection to your container was lost.', { cause });
}
