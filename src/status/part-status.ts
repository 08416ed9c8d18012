import { z } from 'zod';
import { ERROR_CODES } from '../errors/error-codes.ts';
import type { WorkspaceAction } from '../workspaces/workspace-access.ts';
import type { PartSnapshot } from '../workspaces/workspace-snapshot.ts';

/*
 * A part of a workspace in the words in which the factory tells of it, on the control socket and by the HTTP API alike. Times are
 * ISO 8601 in UTC.
 */

const time = z.iso.datetime();

/** What is being done with a part. */
export const WORKING = [
  'creating',
  'starting',
  'resuming',
  'connecting',
  'suspending',
  'stopping',
  'removing',
  'resetting',
] as const;

/** What was last seen of a part in Docker. */
export const RESTING = ['running', 'suspended', 'stopped', 'incomplete', 'absent', 'unknown'] as const;

/** `usual`, `slow` (it has taken more than half of its time), `overdue` (all of it). */
export const PACES = ['usual', 'slow', 'overdue'] as const;

/** Why the last step failed. */
export const stepErrorSchema = z.object({
  /** Under which the log has it. */
  id: z.string(),
  code: z.enum(Object.keys(ERROR_CODES) as [keyof typeof ERROR_CODES]),
  message: z.string(),
  retry_at: time,
});

export const partSchema = z.object({
  /** What was last seen of it in Docker. */
  state: z.enum(RESTING),
  since: time,
  /** It was so already when the factory started. */
  longer: z.boolean(),
  /** What is being done with it now. `step`: a short phrase, or empty. */
  doing: z
    .object({
      what: z.enum(WORKING),
      step: z.string(),
      since: time,
      /** When it is given up; null: never. */
      overdue_at: time.nullable(),
      /** `slow`: it has taken more than half of its time; `overdue`: all of it. */
      pace: z.enum(PACES),
    })
    .nullable(),
  error: stepErrorSchema.nullable(),
});

export type PartStatus = z.output<typeof partSchema>;

/** What each action is called while it is under way. */
const DOING = {
  create: 'creating',
  start: 'starting',
  resume: 'resuming',
  connect: 'connecting',
  suspend: 'suspending',
  stop: 'stopping',
  remove: 'removing',
  reset: 'resetting',
} as const satisfies Record<WorkspaceAction, (typeof WORKING)[number]>;

/** `now`: ms since the epoch. */
export function partStatus({ observed, phase }: PartSnapshot, now: number): PartStatus {
  return {
    state: observed?.state ?? 'unknown',
    since: isoTime(observed?.since ?? now),
    longer: observed?.longer ?? true,
    doing:
      phase.kind === 'working'
        ? {
            what: DOING[phase.action],
            step: phase.step,
            since: isoTime(phase.since),
            overdue_at: Number.isFinite(phase.overdueAt) ? isoTime(phase.overdueAt) : null,
            pace: paceOf(phase, now),
          }
        : null,
    error:
      phase.kind === 'failed'
        ? {
            id: phase.error.id,
            code: phase.error.code,
            message: phase.error.message,
            retry_at: isoTime(phase.retryAt),
          }
        : null,
  };
}

/** What a part is in one word: `failed`, what is being done with it, or what it is. */
export function inOneWord({ state, doing, error }: PartStatus): PartState | 'failed' {
  if (error !== null) return 'failed';
  return doing?.what ?? state;
}

type PartState = (typeof WORKING)[number] | (typeof RESTING)[number];

/** `ms`: since the epoch. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function paceOf({ since, overdueAt }: { since: number; overdueAt: number }, now: number) {
  if (now >= overdueAt) return 'overdue';
  return now - since > (overdueAt - since) / 2 ? 'slow' : 'usual';
}
