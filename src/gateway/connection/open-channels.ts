import type { Connection } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { Login } from '../../names/login.ts';
import { ChannelSlots } from '../channels/channel-slots.ts';
import { acceptDirectTcpip } from '../channels/direct-tcpip.ts';
import { refuseRemoteForwards } from '../channels/refused-requests.ts';
import { isForGateway, serveSession, type Workspace } from '../channels/serve-session.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import { acceptSessions, type ServeSession } from '../channels/sessions.ts';
import { TransportGate } from '../channels/transport-gate.ts';
import { openDoor } from '../door/open-door.ts';
import { innerSshdFailed } from '../inner/inner-advice.ts';
import { InnerHop } from '../inner/inner-hop.ts';
import type { Admission } from './admission.ts';
import { ChannelNotes } from './channel-notes.ts';
import { sessionEnd } from './connection-end.ts';
import type { ConnectionLifetime } from './connection-lifetime.ts';
import type { ConnectionServices } from './connection-services.ts';
import { FORWARD, seenSession } from './seen-channel.ts';
import { noticeSentence } from './session-sentences.ts';

/** Sessions over the limit that may be open at a time just to be told so. */
const SPARE_SESSIONS = 16;

interface OpenConnection {
  readonly login: Login;
  readonly services: ConnectionServices;
  readonly logger: Logger;
  /** Holds the shells, commands and subsystems that run. */
  readonly sessions: Set<SessionChannel>;
  readonly lifetime: ConnectionLifetime;
}

/** From now on the connection's channels are served, and the lease is held until its end. */
export function openChannels(connection: Connection, admission: Admission, open: OpenConnection): void {
  const { services, lifetime } = open;
  const { signal } = lifetime;
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
  const { lease } = admission;
  const notes = new ChannelNotes(lease);
  const release = (): void => {
    admission.release(sessionEnd(lifetime.reason ?? 'lost', notes.allClosed));
  };
  // The connection's channels are closed by the same signal; who listens first sees them as they were at its end.
  signal.addEventListener('abort', release, { once: true });
  if (signal.aborted) {
    release();
    return;
  }
  const workspace = openWorkspace(connection, admission, open);
  followNotices(workspace, open);
  const onInput = (): void => lease.noteInput();
  acceptSessions(connection, {
    ...common,
    serve: (channel, request) => {
      onInput();
      if (!isForGateway(request)) lease.noteUse();
      const note = notes.open(seenSession(request, channel.pty !== undefined));
      remember(open.sessions, channel, note);
      void serveSession(workspace, channel, request).finally(() => note[Symbol.dispose]());
    },
  });
  const { hop, gate, logger } = workspace;
  const onOpen = (): Disposable => {
    lease.noteUse();
    return notes.open(FORWARD);
  };
  acceptDirectTcpip(connection, { hop, slots, gate, onOpen, onInput, signal, logger });
}

function openWorkspace(
  connection: Connection,
  { lease, lab, otherLabs }: Extract<Admission, { kind: 'admitted' }>,
  { services, login, lifetime, logger }: OpenConnection,
): Workspace {
  const { clock, door, runCluster, limits, host, port } = services;
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
      readyTimeout: limits.innerReady,
      sshdFailed: (reason, cause) => innerSshdFailed(destination, reason, cause),
      clock,
      logger,
    },
    lifetime.signal,
    (inner) => {
      if (door !== undefined) openDoor(inner, { key: lease.key, door, limits, clock, logger });
    },
  );
  // Ahead of the first channel: it is ready when the client has made up its mind. Whoever needs it meets its error.
  hop.connect().catch((error: unknown) => logger.debug({ err: error }, 'inner connection failed'));
  const gate = new TransportGate(connection, connection.socket);
  return { lease, lab, otherLabs, hop, gate, runCluster, destination, clock, logger };
}

/** Warnings are for people at terminals; who is ended is told in every session, on its standard error. */
function followNotices(
  { lease, lab: { lifecycle }, destination, clock, logger }: Workspace,
  { sessions, lifetime }: OpenConnection,
): void {
  lease.onNotice((notice) => {
    const { limit } = lease;
    const sentence = noticeSentence(notice, { lifecycle, limit, destination, now: clock.now() });
    for (const session of sessions) {
      if (session.interactive) session.tell(`\n${sentence}`);
      else if (notice.kind === 'over') session.tell(sentence);
    }
    if (notice.kind !== 'over') return;
    logger.info({ because: notice.because }, 'the session is ended');
    lifetime.endSoon(notice.because);
  });
}

function remember(sessions: Set<SessionChannel>, channel: SessionChannel, note: Disposable): void {
  sessions.add(channel);
  const forget = (): void => {
    sessions.delete(channel);
    note[Symbol.dispose]();
  };
  channel.signal.addEventListener('abort', forget, { once: true });
}

/** Serves every session with a sentence and status 1. */
function refusal(message: string): ServeSession {
  return (channel) => {
    channel.tell(message);
    void channel.finish({ kind: 'status', code: 1 });
  };
}
