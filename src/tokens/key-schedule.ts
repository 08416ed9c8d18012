import { CLOCK_TOLERANCE, LONGEST_OF_ALL } from './lifetimes.ts';
import type { TokenKey } from './token-key.ts';

type Times = Pick<TokenKey, 'madeAt' | 'signsFrom'>;

/** How long a key is published before it signs: readers of the public set have it by then. ms */
export const LEAD = 10 * 60_000;

/** The age at which a key is followed by a new one; ms. */
export const ROTATE_AFTER = 30 * 24 * 3_600_000;

/** How long a key verifies after the next one has begun to sign: until its longest token is over. ms */
const KEPT_FOR = LONGEST_OF_ALL + 2 * CLOCK_TOLERANCE;

/*
 * Keys are in the order in which they begin to sign, and there is always one. A key signs until the next one does.
 */

/** The key that signs now. After a clock that was set back it can be that none does yet: then the first. */
export function signingKey<Key extends Times>(keys: readonly Key[], now: number): Key | undefined {
  return keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0];
}

/** Those that may still have to verify a token, the one that signs and those that will. */
export function keysToKeep<Key extends Times>(keys: readonly Key[], now: number): readonly Key[] {
  return keys.filter((_, index) => {
    const next = keys[index + 1];
    return next === undefined || now < next.signsFrom + KEPT_FOR;
  });
}

/** When the newest key is to be followed by another; ms since the epoch. */
export function rotationDue(keys: readonly Times[]): number {
  return (keys.at(-1)?.madeAt ?? 0) + ROTATE_AFTER;
}

/** When there is something to be done: a key to be made, or one to be dropped; ms since the epoch. */
export function nextUpkeep(keys: readonly Times[]): number {
  const [, second] = keys;
  return Math.min(rotationDue(keys), second === undefined ? Infinity : second.signsFrom + KEPT_FOR);
}
