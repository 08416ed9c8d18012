import type { FactoryConfig } from '../config/factory-config.ts';
import { reservedIn } from '../config/reserved-names.ts';
import { createIdentitySources } from '../identity/create-sources.ts';
import { IdentityChain } from '../identity/identity-chain.ts';
import { createReservation } from '../identity/reservation.ts';
import type { Logger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';

/** The person who runs the program. */
export interface Owner {
  /** Their home folder. */
  readonly home: string;
  /** Their ssh-agent's socket, if they have one. */
  readonly agentSocket: string | undefined;
}

export type IdentityConfig = Pick<FactoryConfig, 'identity' | 'data' | 'domain' | 'web' | 'routes'>;

/** The configured sources of identity; the caller holds the lock of the data folder, and disposes it. Throws `CONFIG_INVALID`. */
export function openIdentity(
  config: IdentityConfig,
  { home, agentSocket }: Owner,
  logger: Logger,
): IdentityChain {
  const sources = createIdentitySources({
    config: config.identity,
    data: config.data,
    home,
    agentSocket,
    logger,
    clock: systemClock,
  });
  return new IdentityChain(sources, logger, createReservation(reservedIn(config)));
}
