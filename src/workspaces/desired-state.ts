import type { Lifecycle } from '../labs/lab-definition.ts';

/** What a workspace should be. `as-is`: whatever it is now, it stays so (the grace time). */
export type DesiredState = 'awake' | 'as-is' | 'suspended' | 'stopped';

/** Who is there: somebody, or nobody since then (ms since the epoch). */
export type Presence = { readonly kind: 'present' } | { readonly kind: 'empty'; readonly since: number };

export interface Desire {
  readonly state: DesiredState;
  /** When this will change by the mere passing of time, ms since the epoch; undefined: never. */
  readonly until: number | undefined;
}

/** The tiers of a workspace as a function of who is there and of the time: there is no other input, and nothing is counted. */
export function desiredState(presence: Presence, lifecycle: Lifecycle, now: number): Desire {
  if (presence.kind === 'present') return { state: 'awake', until: undefined };
  const suspendAt = presence.since + lifecycle.grace;
  if (now < suspendAt) return { state: 'as-is', until: suspendAt };
  if (lifecycle.stopAfter === undefined) return { state: 'suspended', until: undefined };
  const stopAt = suspendAt + lifecycle.stopAfter;
  return now < stopAt ? { state: 'suspended', until: stopAt } : { state: 'stopped', until: undefined };
}
