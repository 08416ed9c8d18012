import type { ClientInfo, Connection } from 'ssh2';
import { asFactoryError } from '../../errors/factory-error.ts';
import type { Identity } from '../../identity/identity.ts';
import type { LabAccess } from '../../labs/lab-decision.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Login } from '../../names/login.ts';
import type { Clock } from '../../time/clock.ts';
import type { WorkspaceAccess } from '../../workspaces/workspace-access.ts';
import { Authenticator } from '../authentication/authenticator.ts';
import type { BystanderKeys } from '../authentication/bystander-keys.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import { type Admission, admit } from './admission.ts';
import { ConnectionLifetime } from './connection-lifetime.ts';
import { openChannels } from './open-channels.ts';
import { keepUp } from './upkeep.ts';
import type { UserConnections } from './user-connections.ts';

export interface ConnectionServices {
  readonly identity: Identity;
  readonly labAccess: LabAccess;
  readonly workspaces: WorkspaceAccess;
  readonly innerPrivateKey: string;
  readonly users: UserConnections;
  readonly bystanders: BystanderKeys;
  readonly host: string;
  readonly port: number;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A client's connection, as the gateway sees it. */
export interface ServedConnection {
  readonly lifetime: ConnectionLifetime;
  /** Tells everybody who sits at a terminal. */
  tell(text: string): void;
}

/**
 * Serves one client from its identification string to its end: login, lease, inner connection, channels.
 *
 * @param loggedIn called when authentication is complete
 */
export function serveConnection(
  connection: Connection,
  info: ClientInfo,
  services: ConnectionServices,
  loggedIn: () => void,
): ServedConnection {
  const client = `${info.ip}:${info.port}`;
  const logger = services.logger.child({ client });
  const { limits, clock, identity } = services;
  const lifetime = new ConnectionLifetime(connection, clock, logger);
  const terminals = new Set<SessionChannel>();
  const authenticator = new Authenticator({
    connection,
    identity,
    limits,
    bystanders: services.bystanders,
    logger,
    signal: lifetime.signal,
    giveUp: () => lifetime.end(),
  });
  connection.on('authentication', (context) => void authenticator.decide(context));
  connection.once('ready', () => {
    loggedIn();
    const who = authenticator.authenticated;
    if (who === undefined) return lifetime.destroy();
    const holder = { clientAddress: client, clientProgram: info.header.identRaw };
    const { user, lab } = who.login;
    const log = logger.child({ user, lab });
    log.info({ fingerprint: who.fingerprint, program: holder.clientProgram }, 'logged in');
    keepUp(connection, lifetime, limits, clock);
    const admission = admitSafely(who.login, holder, services, log);
    openChannels(connection, admission, {
      signal: lifetime.signal,
      terminals,
      login: who.login,
      services,
      logger: log,
    });
  });
  return {
    lifetime,
    tell: (text) => {
      for (const terminal of terminals) terminal.tell(text);
    },
  };
}

function admitSafely(
  login: Login,
  holder: { clientAddress: string; clientProgram: string },
  services: ConnectionServices,
  logger: Logger,
): Admission {
  try {
    return admit(login, holder, services);
  } catch (error) {
    logger.error({ err: error }, 'no lease');
    return { kind: 'refused', message: asFactoryError(error).message };
  }
}
