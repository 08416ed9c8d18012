import type { IdentityChain } from '../../identity/identity-chain.ts';
import { createLogger } from '../../logging/logger.ts';
import { type IdentityConfig, type Owner, openIdentity } from '../open-identity.ts';

/** The identity sources where no factory runs, as `openIdentity`. Nothing is logged. */
export function openOfflineIdentity(config: IdentityConfig, owner: Owner): IdentityChain {
  return openIdentity(config, owner, createLogger('silent', []));
}
