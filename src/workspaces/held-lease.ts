import type { LeaseHolder, OpenChannel, SessionNotice } from './workspace-access.ts';

/** A lease that is held now, for status and for whoever has to end it. Times in ms since the epoch. */
export interface HeldLease {
  readonly holder: LeaseHolder;
  /** What people call the client: "OpenSSH", "VS Code", "sftp". */
  readonly client: string;
  readonly since: number;
  /** When the client last sent something for one of its channels; at first `since`. */
  readonly lastInput: number;
  /** The channels that are open now, forwards among them. */
  readonly channels: ReadonlySet<OpenChannel>;
  /** When the session is ended, if nothing changes; undefined: no limit. */
  readonly endsAt: number | undefined;
  /** Tells whoever serves the session. */
  notify(notice: SessionNotice): void;
}
