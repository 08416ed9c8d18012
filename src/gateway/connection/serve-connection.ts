import { randomUUID } from 'node:crypto';
import type { ClientInfo, Connection } from 'ssh2';
import type { FactoryError } from '../../errors/factory-error.ts';
import { audit } from '../../logging/audit.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Login } from '../../names/login.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import type { Clock } from '../../time/clock.ts';
import { printable } from '../../words/printable.ts';
import type { LeaseHolder } from '../../workspaces/workspace-access.ts';
import { type Authenticated, Authenticator } from '../authentication/authenticator.ts';
import { failureSentence } from '../failure-sentence.ts';
import type { LoginAttempt } from '../login-door.ts';
import { isOpenSsh } from '../ssh/identification.ts';
import { RekeyBudget } from '../ssh/rekey-budget.ts';
import { type Admission, admit } from './admission.ts';
import { announceHostKeys } from './announce-host-keys.ts';
import { ConnectionLifetime } from './connection-lifetime.ts';
import type { ConnectionServices } from './connection-services.ts';
import type { Listener } from './listeners.ts';
import { openChannels } from './open-channels.ts';
import { keepUp } from './upkeep.ts';

/** `ssh -o RekeyLimit=256K` is somebody's good right. */
const REKEYS = { burst: 64, refillBytes: 48 * 1024 };

/** A client's connection, as the gateway sees it. */
export interface ServedConnection {
  readonly lifetime: ConnectionLifetime;
  /** Tells everybody who sits at a terminal. */
  tell(text: string): void;
}

/**
 * Serves one client from its identification string to its end: login, lease, inner connection, channels.
 *
 * @param attempt is told how authentication went
 */
export function serveConnection(
  connection: Connection,
  info: ClientInfo,
  services: ConnectionServices,
  attempt: LoginAttempt,
): ServedConnection {
  const client = `${info.ip}:${info.port}`;
  const logger = services.logger.child({ client });
  const { limits, clock, identity } = services;
  const lifetime = new ConnectionLifetime(connection, limits, clock, logger);
  const listeners = new Set<Listener>();
  const authenticator = new Authenticator({
    connection,
    identity,
    limits,
    bystanders: services.bystanders,
    explainRefusals: services.explainRefusals,
    attempt,
    clock,
    client,
    logger,
    signal: lifetime.signal,
    giveUp: () => lifetime.end('protocol_error'),
  });
  announceHostKeys(connection, info, { keys: services.announcedKeys, lifetime, logger });
  limitRekeys(connection, lifetime, clock);
  connection.on('authentication', (context) => void authenticator.decide(context));
  connection.once('ready', () => {
    attempt.succeeded();
    const who = authenticator.authenticated;
    if (who === undefined) return lifetime.destroy();
    const holder = {
      session: randomUUID(),
      clientAddress: client,
      // RFC 4253 §4.2 has printable US-ASCII alone; what a client really sends ends up in an operator's terminal.
      clientProgram: printable(info.header.identRaw, 255),
    };
    const { user, lab } = who.login;
    const log = logger.child({ user, lab });
    keepUp(connection, lifetime, limits, clock);
    const admission = admitSafely(who.login, holder, services, log);
    const admitted =
      admission.kind === 'admitted' ? log.child({ workspace: formatWorkspaceKey(admission.lease.key) }) : log;
    auditLogin(admitted, who, holder, admission);
    if (admission.kind === 'refused') endAfter(limits.refusedStay, lifetime, clock);
    openChannels(connection, admission, {
      lifetime,
      listeners,
      login: who.login,
      services,
      logger: admitted,
      knowsEow: isOpenSsh(holder.clientProgram),
    });
    void who.refusal?.then((error) => {
      if (error !== undefined) endRefused(error, { lifetime, listeners, logger: admitted });
    });
  });
  return {
    lifetime,
    tell: (text) => {
      for (const listener of listeners) if (listener.interactive) listener.tell(text);
    },
  };
}

function limitRekeys(connection: Connection, lifetime: ConnectionLifetime, clock: Clock): void {
  const { socket } = connection;
  const budget = new RekeyBudget(REKEYS, clock);
  connection.on('rekey', () => {
    if (!budget.take(socket.bytesRead + socket.bytesWritten)) lifetime.destroy();
  });
}

/** They came in while it could not be found out that they may not. */
function endRefused(
  error: FactoryError,
  {
    lifetime,
    listeners,
    logger,
  }: {
    readonly lifetime: ConnectionLifetime;
    readonly listeners: ReadonlySet<Listener>;
    readonly logger: Logger;
  },
): void {
  if (lifetime.signal.aborted) return;
  const sentence = `${failureSentence(error, logger)} This session ends now.`;
  for (const listener of listeners) listener.tell(listener.interactive ? `\n${sentence}` : sentence);
  logger.info({ errorId: error.id }, 'the session is ended: it should not have begun');
  lifetime.endSoon('refused');
}

/** A login that gets no lab is a refusal, although the key was right. */
function auditLogin(logger: Logger, who: Authenticated, holder: LeaseHolder, admission: Admission): void {
  const refused = admission.kind === 'refused' ? admission.message : undefined;
  const entry = {
    who: who.login.user,
    from: holder.clientAddress,
    door: 'ssh',
    what: 'login',
    result: refused === undefined ? 'accepted' : 'refused',
    reason: refused,
    connection: holder.session,
    fingerprints: [who.fingerprint],
  } as const;
  audit(logger, entry, 'logged in', { program: holder.clientProgram });
}

function endAfter(delay: number, lifetime: ConnectionLifetime, clock: Clock): void {
  const timer = clock.schedule(delay, () => lifetime.end('closed'));
  lifetime.signal.addEventListener('abort', () => timer[Symbol.dispose](), { once: true });
}

function admitSafely(
  login: Login,
  holder: { session: string; clientAddress: string; clientProgram: string },
  services: ConnectionServices,
  logger: Logger,
): Admission {
  try {
    return admit(login, holder, services);
  } catch (error) {
    return { kind: 'refused', message: failureSentence(error, logger) };
  }
}
