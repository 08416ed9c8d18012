import type { HookList } from './hook-status.ts';

/** What waits and what was given up, for the operator. Methods throw what SQLite throws. */
export interface HookOffice {
  list(most: number): HookList;
  /**
   * It is tried now; undefined: all are. Gives how many. What was given up waits again, at its place in the order. Throws `REQUEST_INVALID`
   * for an id that is none, and for an `initialization` that was given up: its cleanup has followed.
   */
  retry(id: string | undefined): number;
  /** It is never delivered. Throws `REQUEST_INVALID` for an id that is none. */
  drop(id: string): void;
}
