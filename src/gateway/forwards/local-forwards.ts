import type { Channel, Client, Connection } from 'ssh2';
import { printable } from '../../words/printable.ts';
import { answerOf } from '../inner/inner-answer.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
import type { ForwardContext } from './forward-context.ts';
import { joinChannels } from './join-channels.ts';

/** The longest reason that a client is told; characters. */
const LONGEST_REASON = 120;

type Opened = (error: Error | undefined, channel: Channel) => void;
type OpenInside = (client: Client, opened: Opened) => void;

/**
 * Serves `-L`, `-D` and `-W`: connections that the container's sshd makes for the client, by TCP (RFC 4254 §7.2) or to a Unix socket
 * (OpenSSH's PROTOCOL §2.4).
 */
export function acceptLocalForwards(connection: Connection, context: ForwardContext): void {
  const serve = (accept: () => Channel, reject: (why?: string) => void, open: OpenInside): void => {
    const freeSlot = context.slots.take();
    if (freeSlot === undefined) reject('too many channels are open');
    else void forward(accept, reject, open, context).finally(freeSlot);
  };
  connection.on('tcpip', (accept, reject, { srcIP, srcPort, destIP, destPort }) =>
    serve(accept, reject, (client, opened) => client.forwardOut(srcIP, srcPort, destIP, destPort, opened)),
  );
  connection.on('openssh.streamlocal', (accept, reject, { socketPath }) =>
    serve(accept, reject, (client, opened) => client.openssh_forwardOutStreamLocal(socketPath, opened)),
  );
}

async function forward(
  accept: () => Channel,
  reject: (why?: string) => void,
  open: OpenInside,
  context: ForwardContext,
): Promise<void> {
  let inner: InnerConnection;
  let stream: Channel;
  try {
    inner = await context.hop.connect();
    const { client } = inner;
    stream = await answerOf<Channel>(inner, (opened) => open(client, opened));
  } catch (error) {
    context.logger.debug({ err: error }, 'forward failed');
    if (!context.signal.aborted) reject(reasonOf(error));
    return;
  }
  if (context.signal.aborted) return;
  context.onInput();
  await joinChannels(accept(), stream, inner, context);
}

/** sshd's own words, such as "Connection refused", behind ssh2's; the student may have put anything in sshd's place. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return printable(message.replace('(SSH) Channel open failure: ', ''), LONGEST_REASON);
}
