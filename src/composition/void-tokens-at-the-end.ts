import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey } from '../names/workspace-key.ts';
import type { Tokens } from '../tokens/open-tokens.ts';
import type { Events } from '../workspaces/ports/events.ts';

/** Events as `events` has them, and the end of the last session of a workspace makes its student's tokens void. */
export function voidTokensAtTheEnd(events: Events, tokens: Pick<Tokens, 'revoke'>, logger: Logger): Events {
  return {
    emit(event) {
      events.emit(event);
      if (event.kind !== 'session_ended' || !event.last) return;
      const { key } = event;
      tokens.revoke({ kind: 'workspace', key }).catch((err: unknown) => {
        // They are void all the same: after a restart no token of a student is good.
        logger.warn({ err, workspace: formatWorkspaceKey(key) }, 'a revocation of tokens is not on the disk');
      });
    },
  };
}
