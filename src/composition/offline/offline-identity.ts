import type { FactoryConfig } from '../../config/factory-config.ts';
import { createIdentitySources } from '../../identity/create-sources.ts';
import { IdentityChain } from '../../identity/identity-chain.ts';
import { createLogger } from '../../logging/logger.ts';
import { systemClock } from '../../time/clock.ts';

/**
 * The identity sources where no factory runs; the caller holds the lock of the data folder, and disposes it. Nothing is logged.
 *
 * @param owner the home folder and the ssh-agent's socket of the person who runs the command
 */
export function openOfflineIdentity(
  { identity, data }: Pick<FactoryConfig, 'identity' | 'data'>,
  owner: { readonly home: string; readonly agentSocket: string | undefined },
): IdentityChain {
  const logger = createLogger('silent', []);
  return new IdentityChain(
    createIdentitySources({ config: identity, data, ...owner, logger, clock: systemClock }),
    logger,
  );
}
