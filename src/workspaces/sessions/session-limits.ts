import type { Lifecycle } from '../../labs/lab-definition.ts';
import type { SessionNotice } from '../workspace-access.ts';

const MINUTE = 60_000;

/** So long before the end that `max_session` sets its session is warned; ms. */
const MAX_SESSION_WARNINGS = [15 * MINUTE, 5 * MINUTE] as const;

/** Who sends nothing is warned so long before the end; ms… */
const IDLE_WARNING = 5 * MINUTE;
/** …but not before most of the time has passed: at the latest this part of it before the end. */
const IDLE_WARNING_PART = 1 / 5;

export type LimitRules = Pick<Lifecycle, 'idleDisconnect' | 'maxSession'>;

/** What counts of a session. Times in ms since the epoch. */
export interface SessionTimes {
  readonly since: number;
  readonly lastInput: number;
  /** By how much the end that `max_session` sets was put off, ms. */
  readonly extension: number;
  /** When somebody last looked at it here: what was due by then was told then. At first `since`. */
  readonly lookedAt: number;
}

export interface SessionDue {
  /** What is to be told now, of the nearest end first. */
  readonly notices: readonly SessionNotice[];
  /** When to look again, ms since the epoch; undefined: never. */
  readonly lookAgainAt: number | undefined;
}

interface End {
  readonly because: 'idle' | 'max_session';
  readonly at: number;
  /** When its warnings are due, ms since the epoch. */
  readonly warnings: readonly number[];
}

/** When the session ends if nothing changes, ms since the epoch; undefined: no rule ends it. */
export function sessionEndsAt(session: SessionTimes, rules: LimitRules): number | undefined {
  return ends(session, rules)[0]?.at;
}

/** The end that `max_session` alone sets, ms since the epoch. */
export function maxSessionEnd(
  { since, extension }: Pick<SessionTimes, 'since' | 'extension'>,
  { maxSession }: Pick<LimitRules, 'maxSession'>,
): number | undefined {
  return maxSession === undefined ? undefined : since + maxSession + extension;
}

/**
 * What the passing of time asks for. Whoever looks late, as after the host slept, misses nothing: an end stays due, and of the
 * warnings of one end that are late one is told.
 */
export function sessionDue(session: SessionTimes, rules: LimitRules, now: number): SessionDue {
  const all = ends(session, rules);
  const [first] = all;
  if (first === undefined) return { notices: [], lookAgainAt: undefined };
  if (now >= first.at) return { notices: [{ kind: 'over', because: first.because }], lookAgainAt: undefined };
  const due = all.filter(({ warnings }) => warnings.some((at) => session.lookedAt < at && at <= now));
  const later = all.flatMap(({ at, warnings }) => [at, ...warnings]).filter((at) => at > now);
  return {
    notices: due.map(({ because, at }) => ({ kind: 'ends_soon', because, at })),
    lookAgainAt: Math.min(...later),
  };
}

/** The first one first. */
function ends(session: SessionTimes, rules: LimitRules): readonly End[] {
  const { lastInput } = session;
  const { idleDisconnect: idle } = rules;
  const cap = maxSessionEnd(session, rules);
  const found: End[] = [];
  if (cap !== undefined) {
    const warnings = MAX_SESSION_WARNINGS.map((before) => cap - before);
    found.push({ because: 'max_session', at: cap, warnings });
  }
  if (idle !== undefined) {
    const before = Math.min(IDLE_WARNING, idle * IDLE_WARNING_PART);
    found.push({ because: 'idle', at: lastInput + idle, warnings: [lastInput + idle - before] });
  }
  return found.sort((a, b) => a.at - b.at);
}
