import type { WorkspaceKey } from '../names/workspace-key.ts';

/** Where a `cluster` command's words go, and what its person types to get to it. */
export interface ClusterCommandIo {
  /** "cluster" in the lab, "@cluster" at the gateway; texts that say what to type begin with it. */
  readonly name: 'cluster' | '@cluster';
  /** A line of the result, to standard output. */
  print(text: string): void;
  /** A line about what is going on, to standard error. */
  note(text: string): void;
  /** Aborts when the person is gone, or pressed ^C. */
  readonly signal: AbortSignal;
}

/**
 * Carries out one `cluster …` for the student of this workspace, whether it was typed in the lab's container or as `@cluster` at the
 * gateway. Resolves with the exit status; what fails is told by `note`, and does not reject.
 */
export type RunClusterCommand = (
  key: WorkspaceKey,
  args: readonly string[],
  io: ClusterCommandIo,
) => Promise<number>;
