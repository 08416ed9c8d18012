import type { Lease, SessionEnd } from '../../workspaces/workspace-access.ts';
import type { FrontContainer } from '../front-containers.ts';
import type { FrontConnection } from '../front-sessions.ts';

/** Times in ms. */
export interface FrontTimes {
  /** How long a container without processes is left to its front to remove. */
  readonly ended: number;
  /** How long a container in which nothing runs keeps its session. */
  readonly leftBehind: number;
}

/** Between two looks at a container in which something runs, ms. */
const SHORTEST_WAIT = 1_000;

/** What of a lease a front has a use for: there is no door into its containers but its own. */
export type FrontLease = Pick<
  Lease,
  | 'containerReady'
  | 'clusterPhase'
  | 'env'
  | 'leftBehindAfter'
  | 'onPhaseChange'
  | 'onNotice'
  | 'noteClient'
  | 'noteUse'
  | 'noteInput'
  | 'release'
>;

/** What is to be done about a session, as its containers are now. */
export interface Verdict {
  /** Why nothing holds it any more; undefined: it goes on, or is over already. */
  readonly end: SessionEnd | undefined;
  /** Those with life in them that hold it. */
  readonly live: readonly FrontContainer[];
  readonly remove: readonly FrontContainer[];
  /** When time alone may change the verdict, ms since the epoch. */
  readonly lookAgainAt: number | undefined;
  /** There is nothing left to remember. */
  readonly isForgotten: boolean;
}

/**
 * The session of one connection to the front. It goes on while it is claimed (the front has asked for it and may be making its
 * container) or while there is a container with life in it. Nothing of this is kept over a restart: the containers are.
 */
export class FrontSession {
  readonly connection: FrontConnection;
  lease: FrontLease | undefined;
  /** The containers that have the kubeconfig of the cluster as it is now, by id. Another set when it is not that one any more. */
  equipped = new Set<string>();
  #ended = new AbortController();
  #claimedUntil = Number.NEGATIVE_INFINITY;
  /** Since when nothing runs in its containers; undefined: something does. */
  #idleSince: number | undefined;
  #withoutProcessesSince: number | undefined;
  #hadContainer = false;
  #isOver = false;

  constructor(connection: FrontConnection) {
    this.connection = connection;
  }

  /** Aborts when the session ends, with the reason that was given. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** The front has asked for it; it is none that is over any more. */
  claim(until: number): void {
    if (this.ended.aborted) this.#ended = new AbortController();
    this.#isOver = false;
    this.#claimedUntil = until;
  }

  /** It is over, whatever there is of it. `until`: so long a container that the front makes even so is removed. */
  end(reason: SessionEnd, error: Error, until: number): void {
    this.#isOver = true;
    this.#claimedUntil = until;
    this.release(reason, error);
  }

  /** `error`: for who waits for the session. */
  release(reason: SessionEnd, error: Error): void {
    this.equipped = new Set();
    this.lease?.release(reason);
    this.lease = undefined;
    this.#ended.abort(error);
  }

  /** `containers`: those of this connection, whatever their state. `now`: ms since the epoch. */
  judge(containers: readonly FrontContainer[], now: number, times: FrontTimes): Verdict {
    if (this.#isOver) return this.#judgeOver(containers, now);
    const live = containers.filter(({ state, cutOff }) => state !== 'ended' && !cutOff);
    const cutOff = containers.filter((container) => container.cutOff);
    const old = this.#oldOnes(containers, now, times.ended);
    return live.length > 0
      ? this.#judgeLive(live, [...cutOff, ...old], now, times)
      : this.#judgeWithout(containers, [...cutOff, ...old], now, times);
  }

  #judgeOver(containers: readonly FrontContainer[], now: number): Verdict {
    const isPast = now >= this.#claimedUntil;
    return {
      end: undefined,
      live: [],
      remove: containers,
      lookAgainAt: isPast ? undefined : this.#claimedUntil,
      isForgotten: isPast && containers.length === 0,
    };
  }

  #judgeLive(
    live: readonly FrontContainer[],
    remove: readonly FrontContainer[],
    now: number,
    { leftBehind, ended }: FrontTimes,
  ): Verdict {
    // The claim was for this container: when it has gone, the session has.
    this.#claimedUntil = Number.NEGATIVE_INFINITY;
    this.#hadContainer = true;
    this.#idleSince = live.some(({ busy }) => busy) ? undefined : (this.#idleSince ?? now);
    const leftAt = plus(this.#idleSince, leftBehind);
    // Nobody tells when a command ends, and of a short time little may be missed.
    const next = leftAt ?? now + Math.max(SHORTEST_WAIT, leftBehind / 4);
    return {
      end: leftAt !== undefined && now >= leftAt ? 'lost' : undefined,
      live,
      remove,
      lookAgainAt: earliest(next, plus(this.#withoutProcessesSince, ended)),
      isForgotten: false,
    };
  }

  #judgeWithout(
    containers: readonly FrontContainer[],
    remove: readonly FrontContainer[],
    now: number,
    { ended }: FrontTimes,
  ): Verdict {
    this.#idleSince = undefined;
    const removableAt = plus(this.#withoutProcessesSince, ended);
    if (now < this.#claimedUntil) {
      const lookAgainAt = earliest(this.#claimedUntil, removableAt);
      return { end: undefined, live: [], remove, lookAgainAt, isForgotten: false };
    }
    const isCutOff = containers.some(({ cutOff }) => cutOff);
    return {
      end: this.#hadContainer && !isCutOff ? 'closed' : 'lost',
      live: [],
      remove,
      lookAgainAt: removableAt,
      isForgotten: containers.length === 0,
    };
  }

  /** Those without processes, when the first has been so for long enough. */
  #oldOnes(containers: readonly FrontContainer[], now: number, after: number): readonly FrontContainer[] {
    const ended = containers.filter(({ state }) => state === 'ended');
    this.#withoutProcessesSince = ended.length === 0 ? undefined : (this.#withoutProcessesSince ?? now);
    return this.#withoutProcessesSince !== undefined && now >= this.#withoutProcessesSince + after
      ? ended
      : [];
  }
}

function plus(time: number | undefined, span: number): number | undefined {
  return time === undefined ? undefined : time + span;
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
