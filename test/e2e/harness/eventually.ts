import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long a wait lasts that says nothing else; ms. A deadline is for what hangs: it is far beyond what a busy machine takes for
 * anything that is waited for here.
 */
export const PATIENCE = 90_000;

export interface EventuallyOptions {
  /** What is waited for, in words: a time-out says it. */
  readonly what: string;
  /** ms; absent: `PATIENCE`. */
  readonly within?: number;
  /** ms between two looks. */
  readonly every?: number;
}

/**
 * Calls `look` until it returns something other than undefined or false, and returns that. What `look` throws counts as
 * "not yet", and the last of it is the cause of the error when the deadline passes.
 */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { what, within = PATIENCE, every = 200 }: EventuallyOptions,
): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const outcome = await attempt(look);
    if (outcome.kind === 'found') return outcome.value;
    if (Date.now() > deadline) {
      throw new Error(`not within ${within / 1000} s: ${what}`, { cause: outcome.error });
    }
    await delay(every);
  }
}

type Outcome<T> = { kind: 'found'; value: T } | { kind: 'not yet'; error: unknown };

async function attempt<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<Outcome<T>> {
  try {
    const value = await look();
    return value === undefined || value === false
      ? { kind: 'not yet', error: undefined }
      : { kind: 'found', value };
  } catch (error) {
    return { kind: 'not yet', error };
  }
}
