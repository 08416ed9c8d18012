import ssh2, { type Connection } from 'ssh2';
import type { ListenAddress, SshConfig } from '../config/factory-config.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { Identity } from '../identity/identity.ts';
import type { LabAccess } from '../labs/lab-decision.ts';
import type { Logger } from '../logging/logger.ts';
import { assertLibrariesPatched } from '../patches/patch-libraries.ts';
import type { Clock } from '../time/clock.ts';
import type { WorkspaceAccess } from '../workspaces/workspace-access.ts';
import { BystanderKeys } from './authentication/bystander-keys.ts';
import { type ClosedAddress, FailedLogins } from './authentication/failed-logins.ts';
import type { LoginPolicy } from './authentication/login-policy.ts';
import type { ClusterWords } from './commands/cluster.ts';
import type { ConnectionServices } from './connection/connection-services.ts';
import { type ServedConnection, serveConnection } from './connection/serve-connection.ts';
import { UserConnections } from './connection/user-connections.ts';
import type { LabDoor } from './door/lab-door.ts';
import { Draining } from './draining.ts';
import { DEFAULT_LIMITS, type GatewayLimits } from './gateway-limits.ts';
import { provableKeys } from './keys/host-key-proofs.ts';
import type { HostKey } from './keys/host-keys.ts';
import { Listener } from './listener.ts';
import { LoginDoor } from './login-door.ts';
import { OUTER_ALGORITHMS, outerKeyExchanges, outerMacs } from './ssh/algorithms.ts';
import { openMlKem } from './ssh/hybrid/ml-kem.ts';
import { mlkem768x25519 } from './ssh/hybrid/mlkem768x25519.ts';
import { OPENSSH_IDENT } from './ssh/identification.ts';
import { hasNativeCrypto } from './ssh/native-crypto.ts';
import type { KeyExchanges } from './ssh/ssh2-patch.ts';

export interface GatewayOptions {
  readonly listen: ListenAddress;
  readonly keyExchange: SshConfig['keyExchange'];
  /** The host that students type, for texts. */
  readonly publicHost: string;
  /** The preferred one first. */
  readonly hostKeys: readonly HostKey[];
  /** The private key that the containers let in. */
  readonly innerPrivateKey: string;
  readonly identity: Identity;
  readonly labAccess: LabAccess;
  readonly workspaces: WorkspaceAccess;
  /** Undefined: the labs have no door. */
  readonly door?: LabDoor | undefined;
  /** Undefined: there is no `@cluster`. */
  readonly runCluster?: ClusterWords | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<GatewayLimits>;
  readonly logins: LoginPolicy;
}

export interface Gateway {
  /** Where it listens, with the real port. */
  readonly address: ListenAddress;
  readonly draining: Pick<Draining, 'request' | 'begin' | 'cancel'>;
  /** From where nobody may log in for now, as too many logins have failed. */
  closedOut(): readonly ClosedAddress[];
  /**
   * Tells everybody at a terminal `message`, lets sessions go on for up to `deadline` ms, then ends them. Resolves when all
   * are gone.
   */
  close(deadline: number, message: string): Promise<void>;
}

/**
 * Starts the SSH gateway. Rejects as `listenFailure` says, with `SSH_KEY_UNUSABLE` for host keys that ssh2 cannot use, and `LIBRARY_UNPATCHED`:
 * an unpatched ssh2 takes no notice of what it does not know, among it the key exchanges that we allow.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  await assertLibrariesPatched();
  const { clock, logger } = options;
  const limits: GatewayLimits = { ...DEFAULT_LIMITS, ...options.limits };
  if (!hasNativeCrypto()) logger.warn('ssh2 has no native addon here: throughput is halved');
  const connections = new Set<ServedConnection>();
  const hybrid = mlkem768x25519(await openMlKem(logger));
  const server = createSshServer(options, outerKeyExchanges(hybrid, options.keyExchange), limits);
  const { logins } = options;
  const failedLogins = new FailedLogins(logins.failures);
  const loginDoor = new LoginDoor({
    failedLogins,
    identification: OPENSSH_IDENT,
    clock,
    logger,
    onSocket: (socket) => server.injectSocket(socket),
  });
  const listener = new Listener({ limits, clock, onSocket: (socket) => void loginDoor.enter(socket) });
  const { address, port } = await listener.listen(options.listen);
  const draining = new Draining(connections, clock);
  const services: ConnectionServices = {
    ...options,
    limits,
    explainRefusals: logins.explainRefusals,
    draining,
    users: new UserConnections(limits.connectionsPerUser),
    announcedKeys: provableKeys(options.hostKeys),
    bystanders: new BystanderKeys(),
    host: options.publicHost,
    port,
  };
  server.on('connection', (connection: Connection, info) => {
    const attempt = loginDoor.attemptOf(connection.socket);
    const served = serveConnection(connection, info, services, {
      ...attempt,
      succeeded: () => {
        attempt.succeeded();
        listener.loggedIn(connection.socket);
      },
    });
    connections.add(served);
    void served.lifetime.closed.then(() => connections.delete(served));
  });
  return {
    address: { host: address, port },
    draining,
    closedOut: () => failedLogins.closedOut(),
    close: (deadline, message) => {
      draining.close();
      return closeAll(listener, connections, clock, deadline, message);
    },
  };
}

function createSshServer(
  { hostKeys, keyExchange }: Pick<GatewayOptions, 'hostKeys' | 'keyExchange'>,
  keyExchanges: KeyExchanges,
  limits: GatewayLimits,
): ssh2.Server {
  try {
    return new ssh2.Server({
      hostKeys: hostKeys.filter(({ isInUse }) => isInUse).map(({ privateKey }) => privateKey),
      ident: OPENSSH_IDENT,
      algorithms: { ...OUTER_ALGORITHMS, hmac: outerMacs(keyExchange) },
      keyExchanges,
      keepaliveInterval: limits.keepaliveInterval,
      keepaliveCountMax: limits.keepaliveCount,
    });
  } catch (error) {
    throw new FactoryError('SSH_KEY_UNUSABLE', 'The host keys cannot be used; see the log.', {
      cause: error,
    });
  }
}

async function closeAll(
  listener: Listener,
  connections: ReadonlySet<ServedConnection>,
  clock: Clock,
  deadline: number,
  message: string,
): Promise<void> {
  listener.stop();
  for (const connection of connections) connection.tell(`\n${message}`);
  using _end = clock.schedule(deadline, () => {
    for (const { lifetime } of connections) lifetime.end('restart');
  });
  using _kill = clock.schedule(deadline + 5_000, () => listener.destroyAll());
  await listener.gone();
}
