import type { WorkspaceKey } from '../../names/workspace-key.ts';

/** What must be known of a workspace after a restart of the factory, and what Docker cannot tell. */
export interface WorkspaceRecord {
  /** Since when nobody is there; undefined: somebody is, or was when the factory ended. ms since the epoch. */
  readonly emptySince: number | undefined;
  readonly pin: Pin | undefined;
  /** When its cluster was deleted because nobody came, until the next session is told; ms since the epoch. */
  readonly deletedAt: number | undefined;
  /** The time of deletion that was announced last; ms since the epoch. */
  readonly deletionAnnounced: number | undefined;
}

/** Keeps a workspace awake until then (ms since the epoch), whoever is there. */
export interface Pin {
  readonly until: number;
  /** Who wanted it. */
  readonly by: string;
}

/**
 * Where records are kept. Losing them loses no workspace: times are counted from the next start then, and pins are gone.
 * None of the calls throws or waits: what can not be read is as if it were not there.
 */
export interface WorkspaceRecords {
  read(key: WorkspaceKey): WorkspaceRecord | undefined;
  write(key: WorkspaceKey, record: WorkspaceRecord): void;
  forget(key: WorkspaceKey): void;
}
