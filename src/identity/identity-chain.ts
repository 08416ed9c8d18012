import type { Logger } from '../logging/logger.ts';
import type { Username } from '../names/username.ts';
import type { Identity, IdentitySource, Knowledge, LookupOptions } from './identity.ts';
import { unavailable } from './unavailable.ts';

/**
 * Asks the sources in order and stops at the first that does not say `unknown`. So identities never merge: the alice of a
 * later source never gets in as the alice of an earlier one, also not while the earlier one is `unavailable`.
 */
export function createIdentity(sources: readonly IdentitySource[], logger: Logger): Identity {
  return {
    async lookup(user, signal, options) {
      for (const source of sources) {
        const knowledge = await ask(source, user, signal, options, logger);
        if (knowledge.kind !== 'unknown') return knowledge;
      }
      return { kind: 'unknown' };
    },
  };
}

async function ask(
  source: IdentitySource,
  user: Username,
  signal: AbortSignal,
  options: LookupOptions | undefined,
  logger: Logger,
): Promise<Knowledge> {
  try {
    return await source.lookup(user, signal, options);
  } catch (error) {
    signal.throwIfAborted();
    return unavailable(source.name, user, error, logger);
  }
}
