import type { PartName } from '../ports/events.ts';
import type { Progress } from '../ports/progress.ts';
import type { WorkspaceAction } from '../workspace-access.ts';
import type { PartState } from './part-state.ts';

/** What a step works with. */
export interface StepContext {
  readonly progress: Progress;
  /** False: somebody came, or what is wanted has changed otherwise. A step that only prepares something yet may stop then. */
  readonly stillWanted: () => boolean;
  readonly signal: AbortSignal;
}

/** `called_off`: the step was no longer wanted before it had done anything that counts. */
export type StepOutcome = 'done' | 'called_off';

/** How one part of one workspace is looked at and changed. Each call rejects with a `FactoryError`, soon after its signal aborts. */
export interface PartDriver {
  readonly name: PartName;
  /** How long the action may take before it is given up, ms. */
  limit(action: WorkspaceAction): number;
  observe(signal: AbortSignal): Promise<PartState>;
  run(action: WorkspaceAction, context: StepContext): Promise<StepOutcome>;
}
