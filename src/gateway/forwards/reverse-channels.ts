import type { Channel, Connection } from 'ssh2';
import type { InnerConnection } from '../inner/inner-connection.ts';
import type { ForwardContext } from './forward-context.ts';
import { joinChannels } from './join-channels.ts';
import type { RemoteForwards } from './remote-forwards.ts';

type Opened = (error: Error | undefined, channel: Channel) => void;

/**
 * Serves channels that the container's sshd opens: connections to a remote forward (RFC 4254 §7.2, OpenSSH's PROTOCOL §2.4), to the
 * client's X server (RFC 4254 §6.3.2) and to its agent (OpenSSH's PROTOCOL.agent). Each is led to the client, which asked for it:
 * ssh2 refuses X11 and agents for which no session of this connection did.
 *
 * @param door the path of the lab's door, whose connections are not for the client
 */
export function acceptReverseChannels(
  connection: Connection,
  inner: InnerConnection,
  forwards: RemoteForwards,
  context: ForwardContext,
  door: string | undefined,
): void {
  const lead = (
    accept: () => Channel,
    reject: () => void,
    what: string,
    openAtClient: (opened: Opened) => void,
  ): void => {
    const freeSlot = context.slots.take();
    if (freeSlot === undefined) {
      reject();
      return;
    }
    openAtClient((error, outer) => {
      if (error !== undefined) {
        context.logger.debug({ err: error }, `the client refused ${what}`);
        if (!inner.over.aborted) reject();
        return freeSlot();
      }
      if (inner.over.aborted) {
        outer.on('error', () => {});
        outer.close();
        return freeSlot();
      }
      void joinChannels(outer, accept(), inner, context).finally(freeSlot);
    });
  };
  const { client } = inner;
  client.on('tcp connection', ({ destIP, destPort, srcIP, srcPort }, accept, reject) => {
    if (!forwards.has({ kind: 'tcp', host: destIP, port: destPort })) return reject();
    lead(accept, reject, 'a connection to its forward', (opened) =>
      connection.forwardOut(destIP, destPort, srcIP, srcPort, opened),
    );
  });
  client.on('unix connection', ({ socketPath }, accept, reject) => {
    if (socketPath === door) return;
    if (!forwards.has({ kind: 'unix', path: socketPath })) return reject();
    lead(accept, reject, 'a connection to its forward', (opened) =>
      connection.openssh_forwardOutStreamLocal(socketPath, opened),
    );
  });
  client.on('x11', ({ srcIP, srcPort }, accept, reject) =>
    lead(accept, reject, 'a connection to its X server', (opened) => connection.x11(srcIP, srcPort, opened)),
  );
  client.on('agent connection', (accept, reject) =>
    lead(accept, reject, 'a connection to its agent', (opened) => connection.openssh_authAgent(opened)),
  );
}
