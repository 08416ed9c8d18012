import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { FactoryError } from '../../errors/factory-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { SshdTransport } from '../../workspaces/ports/runtime.ts';
import type { Lease } from '../../workspaces/workspace-access.ts';
import { TransportGate } from '../channels/transport-gate.ts';
import { INNER_ALGORITHMS } from '../ssh/algorithms.ts';
import { OPENSSH_IDENT } from '../ssh/identification.ts';
import type { SlowCode } from './inner-advice.ts';
import { guardInner } from './inner-guard.ts';

/** After a polite end the container's sshd gets this long to end its sessions; ms. */
const GOOD_BYE = 2_000;

/** An SSH connection to the sshd in the container. */
export interface InnerConnection {
  readonly client: Client;
  readonly gate: TransportGate;
  /** Aborts when the connection is over. */
  readonly over: AbortSignal;
  /** How long its sshd may take to say whether a shell or command starts; ms. */
  readonly answerTimeout: number;
  readonly clock: Clock;
}

export interface InnerOptions {
  readonly lease: Lease;
  /** The Unix user of the sessions. */
  readonly user: string;
  readonly privateKey: string;
  /** For Docker to run the sshd, and again for the login; ms. */
  readonly readyTimeout: number;
  /** ms. */
  readonly answerTimeout: number;
  /** For a key exchange after the login; ms. */
  readonly rekeyTimeout: number;
  /** What the person is told of an sshd that does not serve, for a `reason` that may hold anything. */
  readonly sshdFailed: (reason: string, cause: unknown) => FactoryError;
  /** And of what was not done within `readyTimeout`. */
  readonly tooSlow: (code: SlowCode, cause: unknown) => FactoryError;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Waits for the container, starts sshd in it and logs in. The student is root there and may have put anything in its
 * place: it gets a bounded time, and whatever it does ends at most this connection. Rejects with the error of the
 * container, `INNER_SSHD_FAILED`, or `TIMED_OUT` where Docker does not run the sshd in time.
 *
 * @param signal ends the connection
 */
export async function openInnerConnection(
  options: InnerOptions,
  signal: AbortSignal,
): Promise<InnerConnection> {
  await options.lease.containerReady(signal);
  const transport = await openTransport(options, signal);
  const client = new ssh2.Client();
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  // Listens ahead of `own`, for which any error is just an end: the student is told the reason.
  const loggedIn = logIn(client, transport, options, over.signal);
  own(client, transport.stream, over, options, signal);
  try {
    await loggedIn;
  } catch (error) {
    over.abort();
    transport.stream.destroy();
    if (signal.aborted) throw error;
    if (levelOf(error) === 'client-timeout') throw options.tooSlow('INNER_SSHD_FAILED', error);
    throw options.sshdFailed(reasonOf(error, transport, options), error);
  }
  options.logger.debug('inner connection ready');
  const { answerTimeout, clock } = options;
  return {
    client,
    gate: new TransportGate(client, transport.stream),
    over: over.signal,
    answerTimeout,
    clock,
  };
}

async function openTransport(options: InnerOptions, signal: AbortSignal): Promise<SshdTransport> {
  const late = AbortSignal.timeout(options.readyTimeout);
  try {
    return await options.lease.openSshd(AbortSignal.any([signal, late]));
  } catch (error) {
    if (signal.aborted) throw error;
    const code = error instanceof FactoryError ? error.code : undefined;
    // A call of Docker has a limit of its own, which may be met first.
    if (late.aborted || code === 'TIMED_OUT') throw options.tooSlow('TIMED_OUT', error);
    throw code === 'INNER_SSHD_FAILED' ? options.sshdFailed('it cannot be run', error) : error;
  }
}

/** Ties the transport's life to the connection's, both ways. */
function own(
  client: Client,
  stream: Duplex,
  over: AbortController,
  options: InnerOptions,
  signal: AbortSignal,
): void {
  const end = (): void => {
    if (over.signal.aborted) return;
    over.abort();
    signal.removeEventListener('abort', end);
    try {
      client.end();
    } catch (error) {
      options.logger.debug({ err: error }, 'inner connection did not end politely');
    }
    const timer = options.clock.schedule(GOOD_BYE, () => stream.destroy());
    stream.once('close', () => timer[Symbol.dispose]());
  };
  const drop = (): void => {
    end();
    stream.destroy();
  };
  client.on('error', (error) => {
    options.logger.debug({ err: error }, 'inner connection error');
    drop();
  });
  client.on('end', drop);
  client.on('close', drop);
  const { rekeyTimeout, clock, logger } = options;
  guardInner(client, stream, { rekeyTimeout, over: over.signal, drop, clock, logger });
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
}

async function logIn(
  client: Client,
  transport: SshdTransport,
  options: InnerOptions,
  over: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once('ready', resolve);
  client.once('error', reject);
  client.once('close', () => reject(new Error('it ended at once')));
  over.addEventListener('abort', () => reject(new Error('it ended at once')), { once: true });
  client.connect({
    sock: transport.stream,
    ident: OPENSSH_IDENT,
    username: options.user,
    privateKey: options.privateKey,
    readyTimeout: options.readyTimeout,
    keepaliveInterval: 0,
    algorithms: INNER_ALGORITHMS,
    // The stream leads into the student's own container; there is no one else to mistake it for.
    hostVerifier: () => true,
    authHandler: ['publickey'],
  });
  await promise;
}

function reasonOf(error: unknown, transport: SshdTransport, options: InnerOptions): string {
  if (levelOf(error) === 'client-authentication') return `it does not let user ${options.user} in`;
  const lastWords = transport.diagnostics().trim().split('\n').at(-1) ?? '';
  if (lastWords !== '') return lastWords;
  // What ssh2 meets in a packet that it cannot read is no sentence for anybody.
  if (error instanceof TypeError || error instanceof RangeError) return 'it does not speak SSH';
  return error instanceof Error ? error.message : 'it ended at once';
}

/** Where in ssh2 it came from. */
function levelOf(error: unknown): unknown {
  return error instanceof Error && 'level' in error ? error.level : undefined;
}
