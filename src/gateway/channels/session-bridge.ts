import ssh2, { type ClientChannel, type PseudoTtyInfo } from 'ssh2';
import type { Clock } from '../../time/clock.ts';
import type { InnerChannel } from '../inner/inner-channel.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
import { type Exit, parseSignal } from './exit.ts';
import { pump } from './pump.ts';
import type { SessionChannel } from './session-channel.ts';
import type { TransportGate } from './transport-gate.ts';

/** When the client has closed its channel the command still gets what was typed before, for this long; ms. */
const LAST_INPUT = 500;

interface BridgeOptions {
  readonly channel: SessionChannel;
  /** Of the client's transport. */
  readonly gate: TransportGate;
  readonly started: InnerChannel;
  readonly inner: InnerConnection;
  /** Input that was read before there was somebody to give it to. */
  readonly typed: Buffer;
  /** Called whenever the client has sent something. */
  readonly onInput: () => void;
  readonly clock: Clock;
}

/**
 * Joins a client's session channel and one of the container's sshd until the latter closes. Resolves with the command's
 * exit; undefined: sshd went away without telling one.
 */
export async function bridgeSession(options: BridgeOptions): Promise<Exit | undefined> {
  const { channel, gate, inner } = options;
  const { stream, pty } = options.started;
  const closed = new AbortController();
  let exit: Exit | undefined;
  stream.on('error', () => {});
  stream.stderr.on('error', () => {});
  stream.on('exit', (code: number | null, signal?: string, dumped?: unknown) => {
    exit = toExit(code, signal, dumped === true);
  });
  // A quick command can be over before anybody listens here; ssh2 tells its exit again as it closes.
  stream.once('close', (code?: number | null, signal?: string, dumped?: unknown) => {
    if (code !== undefined) exit ??= toExit(code, signal, dumped === true);
    closed.abort();
  });
  inner.over.addEventListener('abort', () => closed.abort(), { signal: closed.signal });
  forwardResizes(channel, stream, inner, pty);
  forwardSignals(channel, stream, inner);
  forwardEow(channel, stream, inner);
  const hangUp = (): void => hangUpSoon(stream, inner, closed.signal, options.clock);
  channel.signal.addEventListener('abort', hangUp, { signal: closed.signal });
  if (channel.signal.aborted) hangUp();

  void forwardInput(options, closed.signal);
  await Promise.all([
    pump(stream, channel.stdout, gate, channel.signal),
    pump(stream.stderr, channel.stderr, gate, channel.signal),
  ]);
  if (!closed.signal.aborted && exit === undefined) channel.endOutput();
  await aborted(closed.signal);
  return exit;
}

async function forwardInput(
  { channel, started: { stream }, inner, typed, onInput }: BridgeOptions,
  closed: AbortSignal,
): Promise<void> {
  if (typed.length > 0) stream.write(typed);
  await pump(channel.stdin, stream, inner.gate, AbortSignal.any([closed, channel.signal]), onInput);
  // The half-close: EOF for the command's input, its output goes on.
  if (!inner.over.aborted && channel.stdin.readableEnded) stream.end();
}

/** @param asked the terminal that the container was asked for; the client's may have changed since */
function forwardResizes(
  channel: SessionChannel,
  stream: ClientChannel,
  inner: InnerConnection,
  asked: PseudoTtyInfo | undefined,
): void {
  const forward = ({ rows, cols, height, width }: PseudoTtyInfo): void => {
    if (!inner.over.aborted) stream.setWindow(rows, cols, height, width);
  };
  channel.onResize(forward);
  if (asked !== undefined && channel.pty !== undefined && channel.pty !== asked) forward(channel.pty);
}

function forwardSignals(channel: SessionChannel, stream: ClientChannel, inner: InnerConnection): void {
  channel.onSignal((name) => {
    if (!inner.over.aborted) stream.signal(name);
  });
  channel.onBreak((length) => {
    if (!inner.over.aborted) ssh2.Client.request.other(stream, 'break', length);
  });
}

/** Who reads no more says so, and the other side need not fill a pipe that leads nowhere: `ssh lab yes | head` ends. */
function forwardEow(channel: SessionChannel, stream: ClientChannel, inner: InnerConnection): void {
  stream.once('eow@openssh.com', () => channel.endReading());
  channel.onEow(() => {
    if (!inner.over.aborted) stream.eow();
  });
}

/** Closing the inner channel is what makes sshd hang up on the command. */
function hangUpSoon(stream: ClientChannel, inner: InnerConnection, closed: AbortSignal, clock: Clock): void {
  const close = (): void => {
    if (!closed.aborted && !inner.over.aborted) stream.close();
  };
  if (inner.over.aborted) return;
  stream.end(close);
  const timer = clock.schedule(LAST_INPUT, close);
  closed.addEventListener('abort', () => timer[Symbol.dispose]());
}

function toExit(code: number | null, signal: string | undefined, coreDumped: boolean): Exit | undefined {
  if (code !== null) return { kind: 'status', code };
  const name = parseSignal(signal ?? '');
  // A signal that SSH has no name for; a shell would report it as a status above 128 too.
  return name === undefined ? { kind: 'status', code: 128 } : { kind: 'signal', name, coreDumped };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
