import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey } from '../names/workspace-key.ts';
import type { Events, WorkspaceEvent } from '../workspaces/ports/events.ts';
import type { EventStore } from './event-store.ts';
import type { EventStream } from './event-stream.ts';
import { logEvent } from './log-event.ts';
import type { RareWarning } from './rare-warning.ts';

export interface WorkspaceEventsOptions {
  readonly store: EventStore;
  readonly stream: EventStream;
  readonly logger: Logger;
  readonly warning: RareWarning;
}

/** Every event goes into the log, into the history and to whoever follows; one that can not be kept goes to the others all the same. */
export class WorkspaceEvents implements Events {
  readonly #options: WorkspaceEventsOptions;

  constructor(options: WorkspaceEventsOptions) {
    this.#options = options;
  }

  emit(event: WorkspaceEvent): void {
    const { logger, stream } = this.#options;
    logEvent(logger.child({ workspace: formatWorkspaceKey(event.key) }), event);
    // The same tick for both: a reader who is being brought up to date would miss it else, or see it twice.
    stream.publish({ id: this.#keep(event), event });
  }

  #keep(event: WorkspaceEvent): number | undefined {
    try {
      return this.#options.store.append(event);
    } catch (error) {
      this.#options.warning.warn(error, 'what happens to workspaces can not be kept in the history');
      return undefined;
    }
  }
}
