import { z } from 'zod';
import { HOOK_NAMES } from '../../labs/lab-definition.ts';
import type { Delivery } from '../ledger/outbox.ts';

/*
 * Hooks that wait or were given up: the answer of `GET /hooks`, and what `factory hooks --json` prints. Times are ISO 8601 in UTC.
 */

const time = z.iso.datetime();

const hookStatusSchema = z.object({
  id: z.string(),
  user: z.string(),
  lab: z.string(),
  hook: z.enum(HOOK_NAMES),
  state: z.enum(['waiting', 'given_up']),
  created_at: time,
  /** Tries that failed. */
  attempts: z.number(),
  /** Null: it is not tried any more. Those behind it in the same workspace wait as well. */
  next_at: time.nullable(),
  last_error: z.string().nullable(),
});

export const hookListSchema = z.object({
  waiting: z.number(),
  given_up: z.number(),
  /** Oldest first; not more than were asked for. */
  hooks: z.array(hookStatusSchema),
});

export type HookStatus = z.output<typeof hookStatusSchema>;
export type HookList = z.output<typeof hookListSchema>;

export function hookStatus(delivery: Delivery): HookStatus {
  const { id, key, hook, state, createdAt, attempts, nextAt, lastError } = delivery;
  return {
    id,
    user: key.user,
    lab: key.lab,
    hook,
    state,
    created_at: new Date(createdAt).toISOString(),
    attempts,
    next_at: state === 'waiting' ? new Date(nextAt).toISOString() : null,
    last_error: lastError ?? null,
  };
}
