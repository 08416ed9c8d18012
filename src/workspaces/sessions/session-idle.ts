import type { OpenSession } from '../workspace-access.ts';

/** A session whose client has sent nothing for so long counts as idle, for people who look; ms. */
export const IDLE_AFTER = 5 * 60_000;

/** Since when the session is idle, ms since the epoch; undefined: it is not. */
export function idleSince({ lastInput }: Pick<OpenSession, 'lastInput'>, now: number): number | undefined {
  return now - lastInput >= IDLE_AFTER ? lastInput : undefined;
}
