import { parseJson } from '../json/parse-json.ts';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';
import type { WorkspaceCommand } from '../workspaces/workspace-command.ts';
import type { KeptEvent } from './event-query.ts';
import {
  eventSchema,
  type PublishedCommand,
  type PublishedEvent,
  type RecordedEvent,
} from './event-schema.ts';

/** Throws a `RangeError` where a time is none. */
export function toPublished(event: WorkspaceEvent): PublishedEvent {
  const { at, key, ...rest } = event;
  const about = { at: toTime(at), user: key.user, lab: key.lab };
  switch (rest.kind) {
    case 'session_began':
    case 'session_ended':
    case 'step_done':
    case 'hook':
      return { ...about, ...rest };
    case 'step_failed': {
      const { retryAt, error, ...others } = rest;
      // Whoever passes a whole FactoryError along does not get its details published.
      const { id, code, message } = error;
      return { ...about, ...others, error: { id, code, message }, retry_at: toTime(retryAt) };
    }
    case 'found':
      return { ...about, ...rest, from: rest.from ?? null };
    case 'commanded':
      return { ...about, ...rest, command: toPublishedCommand(rest.command) };
    case 'memory_pressure':
      return { ...about, kind: rest.kind, available_bytes: rest.availableBytes };
    case 'deletion_ahead':
      return { ...about, kind: rest.kind, delete_at: toTime(rest.deleteAt) };
  }
}

/** Undefined for a key that holds no names. */
export function fromPublished(published: PublishedEvent): WorkspaceEvent | undefined {
  const { at, user, lab, ...rest } = published;
  const key = parseWorkspaceKey(user, lab);
  if (key === undefined) return undefined;
  const about = { at: Date.parse(at), key };
  switch (rest.kind) {
    case 'session_began':
    case 'session_ended':
    case 'step_done':
    case 'hook':
      return { ...about, ...rest };
    case 'step_failed': {
      const { retry_at: retryAt, ...others } = rest;
      return { ...about, ...others, retryAt: Date.parse(retryAt) };
    }
    case 'found':
      return { ...about, ...rest, from: rest.from ?? undefined };
    case 'commanded':
      return { ...about, ...rest, command: fromPublishedCommand(rest.command) };
    case 'memory_pressure':
      return { ...about, kind: rest.kind, availableBytes: rest.available_bytes };
    case 'deletion_ahead':
      return { ...about, kind: rest.kind, deleteAt: Date.parse(rest.delete_at) };
  }
}

export function toRecorded({ id, event }: KeptEvent): RecordedEvent {
  return { id: id ?? null, ...toPublished(event) };
}

/** The event in a text that `JSON.stringify(toPublished(event))` made; undefined for what a newer factory may have written. */
export function parseEvent(text: string): WorkspaceEvent | undefined {
  const parsed = eventSchema.safeParse(parseJson(text));
  return parsed.success ? fromPublished(parsed.data) : undefined;
}

function toPublishedCommand(command: WorkspaceCommand): PublishedCommand {
  switch (command.kind) {
    case 'suspend':
    case 'stop':
      return { kind: command.kind, end_sessions: command.endSessions };
    case 'delete':
      return { kind: command.kind, home: command.home, end_sessions: command.endSessions };
    case 'pin':
      return { kind: command.kind, until: toTime(command.until) };
    case 'start':
    case 'reset':
    case 'unpin':
    case 'cluster_start':
    case 'cluster_suspend':
    case 'cluster_stop':
    case 'cluster_delete':
    case 'node_stop':
    case 'node_start':
      return { ...command };
  }
}

function fromPublishedCommand(command: PublishedCommand): WorkspaceCommand {
  switch (command.kind) {
    case 'suspend':
    case 'stop':
      return { kind: command.kind, endSessions: command.end_sessions };
    case 'delete':
      return { kind: command.kind, home: command.home, endSessions: command.end_sessions };
    case 'pin':
      return { kind: command.kind, until: Date.parse(command.until) };
    case 'start':
    case 'reset':
    case 'unpin':
    case 'cluster_start':
    case 'cluster_suspend':
    case 'cluster_stop':
    case 'cluster_delete':
    case 'node_stop':
    case 'node_start':
      return { ...command };
  }
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
