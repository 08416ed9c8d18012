const FIRST = 1_000;
const LONGEST = 60_000;

/**
 * How long to wait before try number `failures + 1`, ms: doubling from 1 s to `longest`, with jitter (half to all of it) so that
 * many workspaces that fail together do not try together. `random` is in [0, 1).
 */
export function backOff(failures: number, random: number, longest = LONGEST): number {
  const full = Math.min(longest, FIRST * 2 ** Math.min(failures - 1, 16));
  return Math.round(full / 2 + (full / 2) * random);
}
