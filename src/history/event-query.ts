import type { LabName } from '../names/lab-name.ts';
import type { Username } from '../names/username.ts';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';

/** Which events; all of them where nothing is named. */
export interface EventSelection {
  readonly user?: Username | undefined;
  readonly lab?: LabName | undefined;
  readonly kind?: WorkspaceEvent['kind'] | undefined;
  /** Not before this time; ms since the epoch. */
  readonly since?: number | undefined;
  /** Before this time; ms since the epoch. */
  readonly until?: number | undefined;
}

/** Which events, and where in the history. */
export interface EventQuery extends EventSelection {
  /** Those that were kept after the one with this id. */
  readonly after?: number | undefined;
  /** Of what would be told only so many, the last ones. */
  readonly newest?: number | undefined;
}

/** The event and its id: a number that grows from event to event. Undefined: it could not be kept, as on a full disk. */
export interface KeptEvent {
  readonly id: number | undefined;
  readonly event: WorkspaceEvent;
}

export function isSelected(
  { user, lab, kind, since, until }: EventSelection,
  event: WorkspaceEvent,
): boolean {
  return (
    (user === undefined || event.key.user === user) &&
    (lab === undefined || event.key.lab === lab) &&
    (kind === undefined || event.kind === kind) &&
    (since === undefined || event.at >= since) &&
    (until === undefined || event.at < until)
  );
}
