import type { LeaseHolder } from './workspace-access.ts';

/** A lease that is held now. Times in ms since the epoch. */
export interface HeldLease {
  readonly holder: LeaseHolder;
  readonly since: number;
  /** When the client last sent something for one of its channels; at first `since`. */
  lastInput: number;
}
