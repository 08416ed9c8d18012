import type { Logger } from '../logging/logger.ts';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';

interface Line {
  readonly fields: object;
  readonly message: string;
}

/** One line of the log. A step that failed has its line already, under the error's id: this one is for `debug`. */
export function logEvent(logger: Logger, event: WorkspaceEvent): void {
  const { fields, message } = lineOf(event);
  logger[event.kind === 'step_failed' ? 'debug' : 'info'](fields, message);
}

function lineOf(event: WorkspaceEvent): Line {
  switch (event.kind) {
    case 'session_began': {
      const { client, program } = event;
      return { fields: { client, program }, message: 'session began' };
    }
    case 'session_ended': {
      const { client, program, ms, reason, last } = event;
      return { fields: { client, program, ms, reason, last }, message: 'session ended' };
    }
    case 'step_done': {
      const { part, action, ms, from, to, cause } = event;
      return { fields: { part, action, ms, from, to, cause }, message: 'step done' };
    }
    case 'step_failed': {
      const { part, action, ms, from, cause, error } = event;
      return { fields: { part, action, ms, from, cause, errorId: error.id }, message: 'step failed' };
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
    case 'deletion_ahead':
      return { fields: { deleteAt: new Date(event.deleteAt) }, message: 'deletion ahead' };
  }
}
