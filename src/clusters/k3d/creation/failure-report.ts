import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { Logger } from '../../../logging/logger.ts';
import { withoutSecrets } from '../../../logging/secrets.ts';
import { type ClusterNode, members } from '../nodes/cluster-nodes.ts';
import { readNodeLog } from '../nodes/node-log.ts';
import { EndOfNode } from '../nodes/node-watch.ts';
import type { StartFailure } from '../recovery/hopeless-starts.ts';
import { keepLog } from './kept-log.ts';

const KEPT_LINES = 2_000;
const DETAIL_LINES = 20;

export interface FailureInput {
  readonly nodes: readonly ClusterNode[];
  /** What k3d printed. */
  readonly output: readonly string[];
  /** The step that did not end well. */
  readonly step: string;
  /** Where k3d's output and the nodes' logs are kept. */
  readonly logFile: string;
  /** The time it had, where that is what ended it; ms. */
  readonly overdue: number | undefined;
  /** What ended it. */
  readonly cause: unknown;
  /** When it began: a node's log goes back over all its starts. */
  readonly since: Date;
  readonly isBroken: (failure: StartFailure) => boolean;
  readonly logger: Logger;
}

/**
 * `CLUSTER_FAILED` or `CLUSTER_BROKEN` with a reason out of the nodes' logs; keeps the logs, as the nodes are about to be removed. A
 * full disk has no room for them, and is no reason to say nothing.
 */
export async function failureReport(
  engine: DockerEngine,
  input: FailureInput,
  signal: AbortSignal,
): Promise<FactoryError> {
  const logs = await Promise.all(
    members(input.nodes).map((node) => nodeLog(engine, node, input.since, signal)),
  );
  const lines = logs.flat().map(withoutSecrets);
  const output = input.output.map(withoutSecrets);
  await keepLog(input.logFile, [...output, ...lines]).catch((error) =>
    input.logger.error({ err: error }, 'could not keep the log of a cluster that failed'),
  );
  const detail = [...output.slice(-DETAIL_LINES / 2), ...lines.slice(-DETAIL_LINES)].join('\n');
  const { cause, step } = input;
  const fatal = fatalReason(lines);
  const reason = [endOf(input), fatal].filter(Boolean).join(', and the node says: ') || 'its log says more';
  const why = { detail, cause };
  if (input.isBroken({ fatal, cause })) {
    const message = `The cluster does not start any more: ${reason}. Reset the cluster; the operator keeps the old one for a while.`;
    return new FactoryError('CLUSTER_BROKEN', message, why);
  }
  return new FactoryError(
    'CLUSTER_FAILED',
    `The cluster failed while ${step}: ${reason}. Try again, and tell the operator if it stays so.`,
    why,
  );
}

function endOf({ overdue, cause }: FailureInput): string | undefined {
  if (overdue !== undefined) return `it was not done within ${overdue / 1000} s`;
  return cause instanceof EndOfNode ? cause.message : undefined;
}

/** The last thing k3s called fatal (logrus's text format), shortened to what a person reads. */
export function fatalReason(lines: readonly string[]): string | undefined {
  const fatal = lines.findLast((line) => /level=fatal/.test(line));
  const message = fatal?.match(/msg="((?:[^"\\]|\\.)*)"/)?.[1] ?? fatal?.match(/msg=(\S+)/)?.[1];
  // A student is root in the node: what it says must not be obeyed by the terminal of whoever reads it.
  return message
    ?.replaceAll('\\"', '"')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 200)
    .replace(/\.$/, '');
}

async function nodeLog(
  engine: DockerEngine,
  node: ClusterNode,
  since: Date,
  signal: AbortSignal,
): Promise<string[]> {
  const lines = await readNodeLog(engine, node, KEPT_LINES, signal, since).catch(() => []);
  return lines.map((line) => `${node.name} ${line}`);
}
