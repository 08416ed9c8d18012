import type { WorkspaceAction } from '../workspace-access.ts';

const MINUTE = 60_000;

/** For the images that a part is made of, which may have to be pulled; ms. */
export const PULL_LIMIT = 15 * MINUTE;

/**
 * How long each step may take before it is given up, ms. What does the step has closer limits of its own, and cleans up after
 * itself; these see to it that a step that hangs all the same is no stuck state.
 */
export const STEP_LIMITS: Readonly<Record<WorkspaceAction, number>> = {
  create: PULL_LIMIT + 3 * MINUTE,
  start: 3 * MINUTE,
  resume: 3 * MINUTE,
  connect: 3 * MINUTE,
  suspend: 3 * MINUTE,
  stop: 3 * MINUTE,
  remove: 5 * MINUTE,
  reset: 5 * MINUTE,
};

/** After a cluster's own limit for a start, the time it has to tidy up; ms. */
export const TIDY_UP = 3 * MINUTE;
