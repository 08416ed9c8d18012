import type { ClientChannel } from 'ssh2';
import { FactoryError } from '../../errors/factory-error.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import type { SessionRequest } from '../channels/sessions.ts';
import type { InnerConnection } from './inner-connection.ts';

/** Asks the container's sshd for what the client asked of us. Rejects with `INNER_SSHD_FAILED`. */
export async function openInnerChannel(
  inner: InnerConnection,
  channel: SessionChannel,
  request: SessionRequest,
): Promise<ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
  const answer = (error: Error | undefined, stream: ClientChannel): void => {
    if (error === undefined) resolve(stream);
    else reject(refused(error));
  };
  const lost = (): void => reject(refused(undefined));
  inner.over.addEventListener('abort', lost);
  try {
    start(inner, channel, request, answer);
    return await promise;
  } finally {
    inner.over.removeEventListener('abort', lost);
  }
}

function start(
  { client, over }: InnerConnection,
  channel: SessionChannel,
  request: SessionRequest,
  answer: (error: Error | undefined, stream: ClientChannel) => void,
): void {
  if (over.aborted) throw refused(undefined);
  const { env, pty } = channel;
  if (request.kind === 'subsystem') client.subsys(request.name, answer);
  else if (request.kind === 'shell') client.shell(pty ?? false, { env }, answer);
  else client.exec(request.command, { env, ...(pty === undefined ? {} : { pty }) }, answer);
}

function refused(cause: Error | undefined): FactoryError {
  return new FactoryError(
    'INNER_SSHD_FAILED',
    'The SSH server in your container could not start that: there is no process left for it, or its configuration forbids it. With @rescue behind your ssh command you can look, @reset rebuilds the container (your home stays).',
    { cause },
  );
}
