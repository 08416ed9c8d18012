import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { Logger } from '../../../logging/logger.ts';
import type { Progress } from '../../../workspaces/ports/progress.ts';
import { type ClusterNode, clusterNodes } from '../nodes/cluster-nodes.ts';
import type { StartFailure } from '../recovery/hopeless-starts.ts';
import { type FailureInput, failureReport } from './failure-report.ts';

/** What one creation or start carries through its steps. */
export interface Attempt {
  /** Aborts when the caller's does, or the time is over. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** What k3d said. */
  readonly output: string[];
  readonly logger: Logger;
}

export interface AttemptOptions {
  readonly engine: DockerEngine;
  /** k3d's name of the cluster. */
  readonly cluster: string;
  /** Where the logs of a failure are kept. */
  readonly logFile: string;
  /** ms */
  readonly timeout: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Leaves the cluster as it was before the attempt, or gone. */
  readonly undo: (signal: AbortSignal) => Promise<void>;
  /** Whether trying again cannot help; where it is left out that is never so. */
  readonly isBroken?: (failure: StartFailure) => boolean;
}

/** For the work that follows a failure, which the caller's own signal must not cut short; ms. */
const CLEANUP_LIMIT = 120_000;

/**
 * Runs `action` within its time. After a failure keeps the logs, undoes what was done, and rejects with the reason of the
 * caller's signal or with a `FactoryError` that says what went wrong.
 */
export async function attempt(
  options: AttemptOptions,
  action: (attempt: Attempt) => Promise<void>,
): Promise<void> {
  const { cluster, timeout, signal, logger } = options;
  const limit = AbortSignal.timeout(timeout);
  const output: string[] = [];
  const since = new Date();
  let step = 'preparing';
  const progress = (next: string) => {
    step = next;
    options.progress(next);
  };
  try {
    await action({ signal: AbortSignal.any([signal, limit]), progress, output, logger });
  } catch (cause) {
    const overdue = limit.aborted ? timeout : undefined;
    const patience = AbortSignal.timeout(CLEANUP_LIMIT);
    const report = await reportOf(options, { output, step, overdue, cause, since }, patience);
    await options.undo(patience).catch((error) => logger.error({ err: error, cluster }, 'could not tidy up'));
    signal.throwIfAborted();
    throw report;
  }
}

/** Does not reject for what Docker can not tell: the attempt is yet to be undone. */
async function reportOf(
  { engine, cluster, logFile, logger, isBroken = () => false }: AttemptOptions,
  failure: Pick<FailureInput, 'output' | 'step' | 'overdue' | 'cause' | 'since'>,
  signal: AbortSignal,
): Promise<FactoryError> {
  const { cause } = failure;
  if (speaksForItself(cause)) return cause;
  let nodes: readonly ClusterNode[] = [];
  try {
    nodes = await clusterNodes(engine, cluster, signal);
  } catch (error) {
    logger.warn({ err: error, cluster }, 'could not look at the nodes of a cluster that failed');
    // That Docker is gone is why it failed; another cluster would fail as well.
    if (isEngineGone(error)) return new FactoryError(error.code, error.message, { cause });
  }
  return failureReport(engine, { ...failure, nodes, logFile, isBroken, logger }, signal);
}

function isEngineGone(error: unknown): error is FactoryError {
  return error instanceof FactoryError && error.code === 'DOCKER_UNAVAILABLE';
}

function speaksForItself(error: unknown): error is FactoryError {
  return error instanceof FactoryError && error.code !== 'CLUSTER_FAILED';
}
