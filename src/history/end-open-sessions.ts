import { formatWorkspaceKey } from '../names/workspace-key.ts';
import type { Events, WorkspaceEvent } from '../workspaces/ports/events.ts';

export type SessionBegan = Extract<WorkspaceEvent, { kind: 'session_began' }>;

/**
 * A factory that was killed told of no end of the sessions it had. They ended with it, at the latest `now` (ms since the epoch),
 * which is as much as anybody knows. `began`: theirs, oldest first.
 */
export function endOpenSessions(began: readonly SessionBegan[], events: Events, now: number): void {
  const lastOf = new Map(began.map((session) => [formatWorkspaceKey(session.key), session]));
  for (const session of began) {
    const { at, key, client, program } = session;
    events.emit({
      at: now,
      key,
      kind: 'session_ended',
      session: session.session,
      client,
      program,
      ms: Math.max(0, now - at),
      reason: 'factory_killed',
      last: lastOf.get(formatWorkspaceKey(key)) === session,
    });
  }
}
