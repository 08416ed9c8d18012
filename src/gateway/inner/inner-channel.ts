import ssh2, { type ClientChannel, type PseudoTtyInfo } from 'ssh2';
import { FactoryError } from '../../errors/factory-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import type { SessionRequest } from '../channels/sessions.ts';
import { answerOf } from './inner-answer.ts';
import type { InnerConnection } from './inner-connection.ts';

/** A shell, command or subsystem that runs in the container. */
export interface InnerChannel {
  readonly stream: ClientChannel;
  /** The terminal that was asked for; undefined: none. */
  readonly pty: PseudoTtyInfo | undefined;
}

/**
 * Asks the container's sshd for what the client asked of us, all at once as clients do. Rejects with `INNER_SSHD_FAILED`. What is
 * not essential may be refused: then the person is told, as ssh(1) tells them. An sshd that does not answer in time has failed, too;
 * what it opens or starts after that is closed.
 */
export async function openInnerChannel(
  inner: InnerConnection,
  channel: SessionChannel,
  request: SessionRequest,
  logger: Logger,
): Promise<InnerChannel> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const { clock, answerTimeout } = inner;
  using _timer = clock.schedule(answerTimeout, () => reject(silent(answerTimeout)));
  const starting = open(inner, channel, request, logger);
  try {
    return await Promise.race([starting, late]);
  } catch (error) {
    // Who has given up hears no more of it.
    starting.then(({ stream }) => close(inner, stream)).catch(() => {});
    throw error;
  }
}

async function open(
  inner: InnerConnection,
  channel: SessionChannel,
  request: SessionRequest,
  logger: Logger,
): Promise<InnerChannel> {
  try {
    const stream = await answerOf<ClientChannel>(inner, (opened) => inner.client.openSession(opened));
    const { pty } = channel;
    await answerOf<ClientChannel>(inner, (started) => {
      prepare(stream, channel, logger);
      start(stream, request, started);
    });
    return { stream, pty };
  } catch (error) {
    throw refused(error);
  }
}

function close(inner: InnerConnection, stream: ClientChannel): void {
  if (!inner.over.aborted) stream.close();
}

/** In the order of ssh(1). */
function prepare(stream: ClientChannel, channel: SessionChannel, logger: Logger): void {
  const { pty, x11, agent, env } = channel;
  const ask = ssh2.Client.request;
  if (pty !== undefined) {
    ask.pty(stream, pty, (error) => {
      if (error)
        channel.tell('Your container gives no terminal: there is none left, or its sshd forbids it.');
    });
  }
  if (x11 !== undefined) {
    ask.x11(stream, x11, (error) => {
      if (error) channel.tell('X11 is not forwarded: your container has no xauth, or its sshd forbids it.');
    });
  }
  if (agent) {
    ask.agent(stream, (error) => {
      if (error) logger.debug({ err: error }, 'the agent is not forwarded');
    });
  }
  ask.env(stream, env);
}

function start(
  stream: ClientChannel,
  request: SessionRequest,
  started: (error: Error | undefined, stream: ClientChannel) => void,
): void {
  const ask = ssh2.Client.request;
  if (request.kind === 'subsystem') ask.subsystem(stream, request.name, started);
  else if (request.kind === 'shell') ask.shell(stream, started);
  else ask.exec(stream, request.command, {}, started);
}

function refused(cause: unknown): FactoryError {
  return new FactoryError(
    'INNER_SSHD_FAILED',
    'The SSH server in your container could not start that: there is no process left for it, or its configuration forbids it. With @rescue behind your ssh command you can look, @reset rebuilds the container (your home stays).',
    { cause },
  );
}

function silent(ms: number): FactoryError {
  return new FactoryError(
    'INNER_SSHD_FAILED',
    `The SSH server in your container did not say within ${ms / 1000} s whether it starts that. With @rescue behind your ssh command you can look, @reset rebuilds the container (your home stays).`,
  );
}
