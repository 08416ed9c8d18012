import type { Lifecycle } from '../labs/lab-definition.ts';
import type { PartTarget } from './parts/part-state.ts';
import type { Cause, PartName } from './ports/events.ts';
import type { Pin } from './ports/records.ts';

/**
 * What a workspace should be. `as-is`: whatever it is now, it stays so (the grace time). `deleted`: its cluster is gone, its
 * container stopped. `gone`: nothing is left but the home.
 */
export type DesiredState = 'awake' | 'as-is' | 'suspended' | 'stopped' | 'deleted' | 'gone';

/** Who is there: somebody (the client that came first), or nobody, and no pin, since then (ms since the epoch). */
export type Presence =
  | { readonly kind: 'present'; readonly client: string }
  | { readonly kind: 'empty'; readonly since: number };

/** What somebody wants until the next session comes. `awake`: until it is so once, or until then (ms since the epoch). */
export type Order =
  | { readonly state: 'awake'; readonly until: number; readonly cause: Cause }
  | { readonly state: 'suspended' | 'stopped'; readonly cause: Cause }
  | { readonly state: 'gone'; readonly home: boolean; readonly cause: Cause };

/** What somebody wants of the cluster alone, whoever is in the workspace, until somebody wants it back, or comes to work in it. */
export interface ClusterOrder {
  readonly state: 'suspended' | 'stopped' | 'absent';
  readonly cause: Cause;
}

/** All that decides about a workspace, besides its lifecycle and the time. */
export interface DesireInput {
  readonly presence: Presence;
  readonly pin: Pin | undefined;
  readonly order: Order | undefined;
  /** Nothing goes to sleep by the passing of time before that: a factory that just started gives everybody the grace time anew. */
  readonly notBefore: number;
  /** Nor is a cluster deleted before that: nobody's is before it was announced. */
  readonly deleteNotBefore: number;
}

export interface Desire {
  readonly state: DesiredState;
  /** What the mere passing of time will make of it; undefined: nothing. */
  readonly next: NextState | undefined;
  readonly cause: Cause;
}

export interface NextState {
  readonly state: DesiredState;
  /** ms since the epoch. */
  readonly at: number;
}

/** The tiers of an empty workspace by time, each with when it begins, ms since the epoch; undefined: never. */
export interface Tiers {
  readonly suspendAt: number;
  readonly stopAt: number | undefined;
  readonly deleteAt: number | undefined;
}

/** The tiers of a workspace that is empty since then. A cluster that is never stopped is deleted from its pause. */
export function tiersOf(
  since: number,
  lifecycle: Lifecycle,
  notBefore = since,
  deleteNotBefore = notBefore,
): Tiers {
  const { grace, stopAfter, deleteAfter } = lifecycle;
  const asleepSince = since + grace;
  const stopAt = stopAfter === undefined ? undefined : asleepSince + stopAfter;
  const deleteAt = deleteAfter === undefined ? undefined : (stopAt ?? asleepSince) + deleteAfter;
  const later = (time: number | undefined, than: number) =>
    time === undefined ? undefined : Math.max(time, than);
  return {
    suspendAt: Math.max(asleepSince, notBefore),
    stopAt: later(stopAt, notBefore),
    deleteAt: later(deleteAt, deleteNotBefore),
  };
}

/** What the workspace should be as a function of who is there, what was asked for and the time. Nothing is counted. */
export function desiredState(input: DesireInput, lifecycle: Lifecycle, now: number): Desire {
  const { presence, pin, order, notBefore, deleteNotBefore } = input;
  if (presence.kind === 'present') {
    return { state: 'awake', next: undefined, cause: { kind: 'session', client: presence.client } };
  }
  if (order?.state === 'awake' && now < order.until) return awakeUntil(order.until, order.cause);
  if (pin !== undefined && now < pin.until) return awakeUntil(pin.until, { kind: 'pin', by: pin.by });
  const tiers = tiersOf(presence.since, lifecycle, notBefore, deleteNotBefore);
  const natural = byTime(tiers, now);
  return order === undefined ? natural : ordered(natural, order, tiers);
}

function awakeUntil(at: number, cause: Cause): Desire {
  return { state: 'awake', next: { state: 'as-is', at }, cause };
}

function byTime(tiers: Tiers, now: number): Desire {
  const { suspendAt, stopAt, deleteAt } = tiers;
  if (deleteAt !== undefined && now >= deleteAt) return passed('deleted', 'delete_after', tiers);
  if (stopAt !== undefined && now >= stopAt) return passed('stopped', 'stop_after', tiers);
  return now >= suspendAt ? passed('suspended', 'grace', tiers) : passed('as-is', 'grace', tiers);
}

function passed(
  state: 'as-is' | 'suspended' | 'stopped' | 'deleted',
  after: Extract<Cause, { kind: 'time' }>['after'],
  tiers: Tiers,
): Desire {
  return { state, next: nextState(state, tiers), cause: { kind: 'time', after } };
}

function nextState(state: DesiredState, { suspendAt, stopAt, deleteAt }: Tiers): NextState | undefined {
  if (state === 'as-is') return { state: 'suspended', at: suspendAt };
  if (state === 'suspended' && stopAt !== undefined) return { state: 'stopped', at: stopAt };
  const isKept = state === 'suspended' || state === 'stopped';
  return isKept && deleteAt !== undefined ? { state: 'deleted', at: deleteAt } : undefined;
}

const DEPTH: readonly DesiredState[] = ['awake', 'as-is', 'suspended', 'stopped', 'deleted', 'gone'];

/** An order holds until time alone leads deeper. */
function ordered(natural: Desire, { state, cause }: Order, tiers: Tiers): Desire {
  if (DEPTH.indexOf(natural.state) >= DEPTH.indexOf(state)) return natural;
  return { state, next: nextState(state, tiers), cause };
}

/** What a part should be where the workspace should be so. */
export function partTarget(part: PartName, state: DesiredState): PartTarget {
  if (state === 'gone') return 'absent';
  if (state === 'deleted') return part === 'cluster' ? 'absent' : 'stopped';
  return state;
}

const PART_DEPTH: readonly PartTarget[] = ['awake', 'as-is', 'suspended', 'stopped', 'absent'];

/** What the cluster should be: an order for it alone holds until the workspace sleeps deeper. */
export function clusterDesire(
  { state, cause }: Pick<Desire, 'state' | 'cause'>,
  order: ClusterOrder | undefined,
): { readonly target: PartTarget; readonly cause: Cause } {
  const target = partTarget('cluster', state);
  if (order === undefined || PART_DEPTH.indexOf(target) >= PART_DEPTH.indexOf(order.state)) {
    return { target, cause };
  }
  return { target: order.state, cause: order.cause };
}
