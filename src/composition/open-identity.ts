import type { FactoryConfig } from '../config/factory-config.ts';
import { createIdentitySources } from '../identity/create-sources.ts';
import { IdentityChain } from '../identity/identity-chain.ts';
import type { Logger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';

/** The person who runs the program. */
export interface Owner {
  /** Their home folder. */
  readonly home: string;
  /** Their ssh-agent's socket, if they have one. */
  readonly agentSocket: string | undefined;
}

/** The configured sources of identity; the caller holds the lock of the data folder, and disposes it. Throws `CONFIG_INVALID`. */
export function openIdentity(
  { identity, data }: Pick<FactoryConfig, 'identity' | 'data'>,
  { home, agentSocket }: Owner,
  logger: Logger,
): IdentityChain {
  const sources = createIdentitySources({
    config: identity,
    data,
    home,
    agentSocket,
    logger,
    clock: systemClock,
  });
  return new IdentityChain(sources, logger);
}
