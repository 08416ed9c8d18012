import type { Progress } from '../ports/progress.ts';
import type { WorkspaceAction } from '../workspace-access.ts';
import type { PartState } from './part-state.ts';

/** How one part of one workspace is looked at and changed. Each call rejects with a `FactoryError`. */
export interface PartDriver {
  /** "container", "cluster": for logs. */
  readonly name: string;
  observe(signal: AbortSignal): Promise<PartState>;
  run(action: WorkspaceAction, progress: Progress, signal: AbortSignal): Promise<void>;
}
