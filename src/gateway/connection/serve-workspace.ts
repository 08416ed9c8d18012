import type { Connection } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { LabName } from '../../names/lab-name.ts';
import { isForGateway, serveSession, type Workspace } from '../channels/serve-session.ts';
import type { ServeSession } from '../channels/sessions.ts';
import { TransportGate } from '../channels/transport-gate.ts';
import { openDoor } from '../door/open-door.ts';
import type { ForwardContext } from '../forwards/forward-context.ts';
import { ForwardKeeper } from '../forwards/forward-keeper.ts';
import { acceptLocalForwards } from '../forwards/local-forwards.ts';
import { RemoteForwards } from '../forwards/remote-forwards.ts';
import { acceptReverseChannels } from '../forwards/reverse-channels.ts';
import { innerSshdFailed, innerTooSlow } from '../inner/inner-advice.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
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
  const { door, limits, clock } = open.services;
  const context = { hop, slots, gate, onOpen, onInput, signal, logger };
  forwardConnections(connection, context, open, (inner) =>
    door === undefined ? undefined : openDoor(inner, { key: lease.key, door, limits, clock, logger }),
  );
  return (channel, request) => {
    onInput();
    if (!isForGateway(request)) lease.noteUse();
    const note = notes.open(seenSession(request, channel.pty !== undefined));
    listen(open.listeners, channel, channel.signal);
    channel.signal.addEventListener('abort', () => note[Symbol.dispose](), { once: true });
    void serveSession(workspace, channel, request).finally(() => note[Symbol.dispose]());
  };
}

/** From the client to the workspace and back; `openDoorOf` returns the path of the lab's door, if there is one. */
function forwardConnections(
  connection: Connection,
  context: ForwardContext,
  open: OpenConnection,
  openDoorOf: (inner: InnerConnection) => string | undefined,
): void {
  const { hop, signal, logger } = context;
  const { limits, clock } = open.services;
  acceptLocalForwards(connection, context);
  const forwards = new RemoteForwards(connection, context);
  const giveUp = (): void => endWithoutForwards(open, logger);
  const keeper = new ForwardKeeper({ forwards, hop, limits, clock, signal, logger, giveUp });
  hop.onOpen((inner) => {
    if (inner.over.aborted) return;
    acceptReverseChannels(connection, inner, forwards, context, openDoorOf(inner));
    inner.over.addEventListener('abort', () => void keeper.keep(), { once: true });
    keeper.opened();
  });
}

/** As an sshd ends with its forwards: what watches over the client (autossh, an editor) connects again. */
function endWithoutForwards({ listeners, lifetime }: OpenConnection, logger: Logger): void {
  const sentence =
    'The connection to your container was lost, and its remote forwards (-R) did not come back. This session ends now; connect again to go on.';
  for (const listener of listeners) listener.tell(listener.interactive ? `\n${sentence}` : sentence);
  logger.info('the session is ended: its remote forwards did not come back');
  lifetime.endSoon('lost');
}

function openWorkspace(
  connection: Connection,
  { lease, otherLabs }: Admitted,
  { services, login, lifetime, logger }: OpenConnection,
): Workspace {
  const { lab } = lease;
  const { clock, runCluster, limits, host, port } = services;
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
      answerTimeout: limits.innerAnswer,
      rekeyTimeout: limits.innerRekey,
      sshdFailed: (reason, cause) => innerSshdFailed(destination, reason, cause),
      tooSlow: (code, cause) => innerTooSlow(destination, code, limits.innerReady / 1000, cause),
      clock,
      logger,
    },
    lifetime.signal,
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
