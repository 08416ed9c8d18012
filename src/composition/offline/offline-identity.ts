import type { FactoryConfig } from '../../config/factory-config.ts';
import type { IdentityChain } from '../../identity/identity-chain.ts';
import { createLogger } from '../../logging/logger.ts';
import { type Owner, openIdentity } from '../open-identity.ts';

/** The identity sources where no factory runs, as `openIdentity`. Nothing is logged. */
export function openOfflineIdentity(
  config: Pick<FactoryConfig, 'identity' | 'data'>,
  owner: Owner,
): IdentityChain {
  return openIdentity(config, owner, createLogger('silent', []));
}
