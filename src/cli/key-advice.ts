import type { StartRequest } from '../composition/start-request.ts';
import { OwnKeysSource } from '../identity/sources/own-keys.ts';

/**
 * What the person who runs the factory has to type first when they are a user of it and have no key yet. Where that is not found out
 * before the signal aborts, there is nothing to say: it is no reason to end a factory that has just started.
 */
export async function keyAdvice(
  { config, home, agentSocket, logger }: Pick<StartRequest, 'config' | 'home' | 'agentSocket' | 'logger'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const source of config.identity) {
    if (source.kind !== 'own') continue;
    const own = new OwnKeysSource({ user: source.user, home, agentSocket, logger });
    const knowledge = await own.lookup(source.user, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      return undefined;
    });
    if (knowledge?.kind === 'known' && knowledge.keys.length === 0) {
      return `You have no SSH key that ${source.user} could log in with. Make one first:\n\n    ssh-keygen -t ed25519\n`;
    }
  }
  return undefined;
}
