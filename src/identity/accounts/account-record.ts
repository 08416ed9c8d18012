import { z } from 'zod';
import type { AccountAnswer } from './account-api.ts';

/** What is kept of the account behind a name. Times in ms since the epoch. */
export const accountRecordSchema = z.strictObject({
  id: z.int().positive(),
  since: z.int(),
  /** Fingerprints of keys that the account is known to have, the newest first: who uses one of them need not be asked about. */
  keys: z.array(z.string()),
  /** The name came back with this other account. */
  refused: z.strictObject({ id: z.int().positive(), since: z.int() }).optional(),
});

export type AccountRecord = z.output<typeof accountRecordSchema>;

/** As many keys as people have; who has more is asked about more often. */
export const MOST_KEYS = 100;

/** What an answer means for the name. */
export type Ruling =
  | { readonly kind: 'same'; readonly record: AccountRecord }
  | { readonly kind: 'changed'; readonly record: AccountRecord }
  /** The name is nobody's, or was given up; nothing is to be remembered. */
  | { readonly kind: 'given_up' }
  /** It has to be asked again. */
  | { readonly kind: 'open'; readonly reason: string; readonly cause?: unknown };

/**
 * @param keys fingerprints that the source listed for the name a moment before it was asked whose the name is: those of the account in the
 *   answer
 */
export function rule(
  record: AccountRecord | undefined,
  answer: AccountAnswer,
  keys: readonly string[],
  now: number,
): Ruling {
  if (record?.refused !== undefined) return { kind: 'changed', record };
  switch (answer.kind) {
    case 'failed':
      return { kind: 'open', reason: answer.reason, cause: answer.cause };
    case 'renamed':
      return { kind: 'given_up' };
    case 'missing':
      // A source may hide accounts that are too new for it; one that was seen here before and is hidden now is somebody to look at.
      return record === undefined
        ? { kind: 'open', reason: 'it knows no such account' }
        : { kind: 'given_up' };
    case 'account':
      return ruleAccount(record, answer.id, keys, now);
  }
}

function ruleAccount(
  record: AccountRecord | undefined,
  id: number,
  keys: readonly string[],
  now: number,
): Ruling {
  if (record !== undefined && record.id !== id) {
    return { kind: 'changed', record: { ...record, refused: { id, since: now } } };
  }
  const all = [...new Set([...keys, ...(record?.keys ?? [])])].slice(0, MOST_KEYS);
  return { kind: 'same', record: { id, since: record?.since ?? now, keys: all } };
}
