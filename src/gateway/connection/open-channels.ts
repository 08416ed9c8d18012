import type { Connection } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { Login } from '../../names/login.ts';
import { ChannelSlots } from '../channels/channel-slots.ts';
import { acceptDirectTcpip } from '../channels/direct-tcpip.ts';
import { refuseRemoteForwards } from '../channels/refused-requests.ts';
import { serveSession, type Workspace } from '../channels/serve-session.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import { acceptSessions, type ServeSession } from '../channels/sessions.ts';
import { TransportGate } from '../channels/transport-gate.ts';
import { InnerHop } from '../inner/inner-hop.ts';
import type { Admission } from './admission.ts';
import type { ConnectionServices } from './connection-services.ts';

/** Sessions over the limit that may be open at a time just to be told so. */
const SPARE_SESSIONS = 16;

interface OpenConnection {
  readonly login: Login;
  readonly services: ConnectionServices;
  readonly logger: Logger;
  /** Holds the channels with a person at a terminal. */
  readonly terminals: Set<SessionChannel>;
  /** Aborts when the connection is over. */
  readonly signal: AbortSignal;
}

/** From now on the connection's channels are served, and the lease is held until its end. */
export function openChannels(connection: Connection, admission: Admission, open: OpenConnection): void {
  const { services, signal } = open;
  const limit = services.limits.channelsPerConnection;
  const slots = new ChannelSlots(limit);
  const common = {
    slots,
    signal,
    spareSlots: new ChannelSlots(SPARE_SESSIONS),
    serveBeyondLimit: refusal(`This connection has ${limit} channels open, which is as many as it may have.`),
  };
  refuseRemoteForwards(connection);
  if (admission.kind === 'refused') {
    acceptSessions(connection, { ...common, serve: refusal(admission.message) });
    return;
  }
  signal.addEventListener('abort', admission.release, { once: true });
  if (signal.aborted) {
    admission.release();
    return;
  }
  const workspace = openWorkspace(connection, admission, open);
  acceptSessions(connection, {
    ...common,
    serve: (channel, request) => {
      if (channel.interactive) remember(open.terminals, channel);
      void serveSession(workspace, channel, request);
    },
  });
  const { hop, gate, logger } = workspace;
  const onInput = (): void => workspace.lease.noteInput();
  acceptDirectTcpip(connection, { hop, slots, gate, onInput, signal, logger });
}

function openWorkspace(
  connection: Connection,
  { lease, lab, otherLabs }: Extract<Admission, { kind: 'admitted' }>,
  { services, login, signal, logger }: OpenConnection,
): Workspace {
  const { clock, host, port } = services;
  const destination = {
    login: login.lab === undefined ? login.user : `${login.user}/${login.lab}`,
    host,
    port,
  };
  const hop = new InnerHop(
    {
      lease,
      user: lab.container.user,
      privateKey: services.innerPrivateKey,
      readyTimeout: services.limits.innerReady,
      destination,
      clock,
      logger,
    },
    signal,
  );
  // Ahead of the first channel: it is ready when the client has made up its mind. Whoever needs it meets its error.
  hop.connect().catch((error: unknown) => logger.debug({ err: error }, 'inner connection failed'));
  const gate = new TransportGate(connection, connection.socket);
  return { lease, lab, otherLabs, hop, gate, destination, clock, logger };
}

function remember(terminals: Set<SessionChannel>, channel: SessionChannel): void {
  terminals.add(channel);
  channel.signal.addEventListener('abort', () => terminals.delete(channel), { once: true });
}

/** Serves every session with a sentence and status 1. */
function refusal(message: string): ServeSession {
  return (channel) => {
    channel.tell(message);
    void channel.finish({ kind: 'status', code: 1 });
  };
}
