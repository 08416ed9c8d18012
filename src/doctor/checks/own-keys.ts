import { OwnKeysSource } from '../../identity/sources/own-keys.ts';
import { createLogger } from '../../logging/logger.ts';
import { counted } from '../../words/amounts.ts';
import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right } from '../judgement.ts';

/** Without a configured source the only user is the person who runs the factory. */
export const ownKeys: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ config, home, agentSocket }, signal) => {
    const own = config.identity.find((source) => source.kind === 'own');
    if (own === undefined) return right('not used: the configuration names other sources');
    const source = new OwnKeysSource({ user: own.user, home, agentSocket, logger: createLogger('silent') });
    const knowledge = await source.lookup(own.user, signal);
    return judgeOwnKeys(own.user, knowledge.kind === 'known' ? knowledge.keys.length : undefined);
  },
};

/** @param count undefined: it could not be found out */
export function judgeOwnKeys(user: string, count: number | undefined): Judgement {
  if (count === undefined) {
    return doubtful(
      `your ssh-agent does not answer, so nobody knows whether ${user} could log in with its keys`,
      'ssh-add -L',
    );
  }
  if (count > 0) return right(`${user} can log in with ${counted(count, 'key')}`);
  return doubtful(`you have no SSH key that ${user} could log in with`, 'ssh-keygen -t ed25519');
}
