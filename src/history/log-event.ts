import type { Logger } from '../logging/logger.ts';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';

interface Line {
  readonly fields: object;
  readonly message: string;
}

/** One line of the log. A step and a hook that failed have theirs already, with the reason. */
export function logEvent(logger: Logger, event: WorkspaceEvent): void {
  if (event.kind === 'step_failed' || (event.kind === 'hook' && event.outcome !== 'delivered')) return;
  const { fields, message } = lineOf(event);
  logger.info(fields, message);
}

function lineOf(event: Exclude<WorkspaceEvent, { kind: 'step_failed' }>): Line {
  switch (event.kind) {
    case 'session_began': {
      const { session, client, program } = event;
      return { fields: { session, client, program }, message: 'session began' };
    }
    case 'session_ended': {
      const { session, client, program, ms, reason, last } = event;
      return { fields: { session, client, program, ms, reason, last }, message: 'session ended' };
    }
    case 'step_done': {
      const { part, action, ms, from, to, cause } = event;
      return { fields: { part, action, ms, from, to, cause }, message: 'step done' };
    }
    case 'found': {
      const { part, from, to } = event;
      return { fields: { part, from, to }, message: 'found' };
    }
    case 'commanded': {
      const { command, by } = event;
      return { fields: { command, by }, message: 'commanded' };
    }
    case 'memory_pressure':
      return { fields: { availableBytes: event.availableBytes }, message: 'memory pressure' };
    case 'hook': {
      const { hook, attempt, ms, delivery } = event;
      return { fields: { hook, attempt, ms, delivery }, message: 'hook delivered' };
    }
    case 'deletion_ahead':
      return { fields: { deleteAt: new Date(event.deleteAt) }, message: 'deletion ahead' };
  }
}
