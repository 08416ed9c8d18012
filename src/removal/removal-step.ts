/** One thing that a removal takes away. Taking away what is gone already is no failure. */
export interface RemovalStep {
  readonly kind:
    | 'cluster'
    | 'container'
    | 'network'
    | 'volume'
    | 'image'
    | 'folder'
    | 'file'
    | 'record'
    | 'route'
    | 'state'
    | 'terminal';
  /** As Docker, the file system or the factory calls it. */
  readonly name: string;
  /** "alice/k3s", where it belongs to one. */
  readonly workspace?: string;
  /** What goes with it, for people: the nodes of a cluster. */
  readonly parts?: readonly string[];
  remove(signal: AbortSignal): Promise<void>;
}

export interface RemovalFailure {
  readonly step: RemovalStep;
  readonly reason: Error;
}

export interface RemovalOutcome {
  readonly removed: readonly RemovalStep[];
  readonly failed: readonly RemovalFailure[];
}

/**
 * Takes the steps in their order, each whether or not the one before it worked. Rejects only with the reason of `signal`.
 */
export async function takeSteps(
  steps: readonly RemovalStep[],
  onStep: (step: RemovalStep) => void,
  signal: AbortSignal,
): Promise<RemovalOutcome> {
  const removed: RemovalStep[] = [];
  const failed: RemovalFailure[] = [];
  for (const step of steps) {
    onStep(step);
    try {
      await step.remove(signal);
      removed.push(step);
    } catch (thrown) {
      signal.throwIfAborted();
      failed.push({ step, reason: thrown instanceof Error ? thrown : new Error(String(thrown)) });
    }
  }
  return { removed, failed };
}
