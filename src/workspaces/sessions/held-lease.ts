import type { OpenSession, SessionLimit, SessionNotice } from '../workspace-access.ts';

/** A lease that is held now, for status and for whoever has to end it. */
export interface HeldLease extends OpenSession {
  /** Of this session alone; undefined: it has no end. */
  readonly ownLimit: SessionLimit | undefined;
  /** Puts off the end that `max_session` sets by `ms`, whatever the lab allows. */
  putOff(ms: number): void;
  /** As `Lease.extend`. */
  extend(ms: number): number;
  /** Tells whoever serves the session. */
  notify(notice: SessionNotice): void;
}
