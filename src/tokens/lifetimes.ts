import type { Principal } from './principal.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How long a token may last at most, by role; ms. Who needs it for longer is given a new one. */
export const LONGEST_LIFETIME = {
  student: 15 * MINUTE,
  instructor: 90 * DAY,
  admin: 90 * DAY,
  gateway: 5 * MINUTE,
} as const satisfies Record<Principal['role'], number>;

/** Of any token; ms. */
export const LONGEST_OF_ALL = Math.max(...Object.values(LONGEST_LIFETIME));

/** How far the clocks of two processes may be apart; ms. */
export const CLOCK_TOLERANCE = 5_000;
