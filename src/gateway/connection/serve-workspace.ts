import type { Connection } from 'ssh2';
import type { LabName } from '../../names/lab-name.ts';
import { acceptDirectTcpip } from '../channels/direct-tcpip.ts';
import { isForGateway, serveSession, type Workspace } from '../channels/serve-session.ts';
import type { ServeSession } from '../channels/sessions.ts';
import { TransportGate } from '../channels/transport-gate.ts';
import { openDoor } from '../door/open-door.ts';
import { innerSshdFailed } from '../inner/inner-advice.ts';
import { InnerHop } from '../inner/inner-hop.ts';
import type { Admitted } from './admission.ts';
import { ChannelNotes } from './channel-notes.ts';
import { sessionEnd } from './connection-end.ts';
import { labRows } from './lab-rows.ts';
import { listen } from './listeners.ts';
import type { OpenConnection } from './open-connection.ts';
import { FORWARD, seenSession } from './seen-channel.ts';
import { noticeSentence } from './session-sentences.ts';

/**
 * From now on the lease is held until the connection's end, and forwards lead to the workspace. Returns what serves its sessions;
 * undefined: the connection is over already, and the lease is given back.
 */
export function serveWorkspace(
  connection: Connection,
  admitted: Admitted,
  open: OpenConnection,
): ServeSession | undefined {
  const { lifetime, slots } = open;
  const { signal } = lifetime;
  const { lease } = admitted;
  const notes = new ChannelNotes(lease);
  const release = (): void => admitted.release(sessionEnd(lifetime.reason ?? 'lost', notes.allClosed));
  if (signal.aborted) {
    release();
    return undefined;
  }
  // The connection's channels are closed by the same signal; who listens first sees them as they were at its end.
  signal.addEventListener('abort', release, { once: true });
  const workspace = openWorkspace(connection, admitted, open);
  followNotices(workspace, open);
  const { hop, gate, logger } = workspace;
  const onInput = (): void => lease.noteInput();
  const onOpen = (): Disposable => {
    lease.noteUse();
    return notes.open(FORWARD);
  };
  acceptDirectTcpip(connection, { hop, slots, gate, onOpen, onInput, signal, logger });
  return (channel, request) => {
    onInput();
    if (!isForGateway(request)) lease.noteUse();
    const note = notes.open(seenSession(request, channel.pty !== undefined));
    listen(open.listeners, channel, channel.signal);
    channel.signal.addEventListener('abort', () => note[Symbol.dispose](), { once: true });
    void serveSession(workspace, channel, request).finally(() => note[Symbol.dispose]());
  };
}

function openWorkspace(
  connection: Connection,
  { lease, otherLabs }: Admitted,
  { services, login, lifetime, logger }: OpenConnection,
): Workspace {
  const { lab } = lease;
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
  const names: readonly LabName[] = [lab.name, ...otherLabs];
  const labs = () => labRows(login.user, names, services);
  return { lease, lab, otherLabs, labs, hop, gate, runCluster, destination, clock, logger };
}

/** Warnings are for people at terminals; who is ended is told in every session, on its standard error. */
function followNotices(
  { lease, lab: { lifecycle }, destination, clock, logger }: Workspace,
  { listeners, lifetime }: OpenConnection,
): void {
  lease.onNotice((notice) => {
    const { limit } = lease;
    const sentence = noticeSentence(notice, { lifecycle, limit, destination, now: clock.now() });
    for (const listener of listeners) {
      if (listener.interactive) listener.tell(`\n${sentence}`);
      else if (notice.kind === 'over') listener.tell(sentence);
    }
    if (notice.kind !== 'over') return;
    logger.info({ because: notice.because }, 'the session is ended');
    lifetime.endSoon(notice.because);
  });
}
