import { CommanderError } from 'commander';
import { asFactoryError } from '../errors/factory-error.ts';
import { isRefusal } from '../http/problem.ts';
import { logFailure, sentenceWithId } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { SessionLimit } from '../workspaces/workspace-access.ts';
import type { ClusterApi } from './cluster-api.ts';
import type { ClusterCommandIo, RunClusterCommand } from './cluster-command.ts';
import { clusterProgram } from './cluster-program.ts';
import { STATUS } from './command-context.ts';
import { failureAdvice } from './failure-advice.ts';

export interface ClusterCommandOptions {
  /** As the student of this workspace. */
  readonly api: (key: WorkspaceKey) => ClusterApi;
  /** When the sessions in it end, and by how much that may be put off; undefined: they have no end. */
  readonly sessionLimit: (key: WorkspaceKey) => SessionLimit | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createClusterCommand(options: ClusterCommandOptions): RunClusterCommand {
  const { api, sessionLimit, clock, logger } = options;
  return async (key, args, io) => {
    let status: number = STATUS.ok;
    const program = clusterProgram(io, async (work) => {
      status = await work({ io, api: api(key), sessionLimit: sessionLimit(key), clock });
    });
    try {
      await program.parseAsync([...args], { from: 'user' });
      return status;
    } catch (thrown) {
      if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? STATUS.ok : STATUS.usage;
      if (io.signal.aborted) return STATUS.interrupted;
      return tellFailure(thrown, io, logger.child({ workspace: formatWorkspaceKey(key) }));
    }
  };
}

/** One plain sentence, with what can be typed. Of a refusal the log has nothing, so it has no id. */
function tellFailure(thrown: unknown, io: ClusterCommandIo, logger: Logger): number {
  const error = asFactoryError(thrown);
  // What the API tells of it has logged itself, under this id.
  if (error !== thrown || error.code === 'API_UNREACHABLE') logFailure(logger, error);
  const sentence = isRefusal(error) ? error.message : sentenceWithId(error);
  io.note(`${sentence}${failureAdvice(error.code, io.name)}`);
  return STATUS.failed;
}
