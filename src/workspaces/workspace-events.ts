import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { PartNews } from './parts/part-reconciler.ts';
import type { Events, PartName } from './ports/events.ts';
import type { HeldLease } from './sessions/held-lease.ts';
import type { SessionEnd } from './workspace-access.ts';
import type { WorkspaceCommand } from './workspace-command.ts';

/** The events of one workspace, in the words of those who have something to tell. */
export function workspaceEvents(key: WorkspaceKey, events: Events, clock: Clock) {
  const base = () => ({ at: clock.now(), key });
  return {
    sessionBegan({ holder }: HeldLease): void {
      const { session, clientAddress: client, clientProgram: program } = holder;
      events.emit({ ...base(), kind: 'session_began', session, client, program });
    },
    sessionEnded({ holder, since }: HeldLease, reason: SessionEnd, last: boolean): void {
      const { session, clientAddress: client, clientProgram: program } = holder;
      events.emit({
        ...base(),
        kind: 'session_ended',
        session,
        client,
        program,
        ms: clock.now() - since,
        reason,
        last,
      });
    },
    partNews(part: PartName, news: PartNews): void {
      if (news.kind !== 'step_failed') {
        events.emit({ ...base(), part, ...news });
        return;
      }
      const { id, code, message } = news.error;
      events.emit({ ...base(), part, ...news, error: { id, code, message } });
    },
    commanded(command: WorkspaceCommand, by: string): void {
      events.emit({ ...base(), kind: 'commanded', command, by });
    },
    memoryPressure(availableBytes: number): void {
      events.emit({ ...base(), kind: 'memory_pressure', availableBytes });
    },
    deletionAhead(deleteAt: number): void {
      events.emit({ ...base(), kind: 'deletion_ahead', deleteAt });
    },
  };
}
