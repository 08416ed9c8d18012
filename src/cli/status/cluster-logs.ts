import type { WorkspaceLogs } from '../../composition/offline/workspace-logs.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { Login } from '../../names/login.ts';

export interface ClusterLogsRequest {
  readonly data: string;
  /** Whose; the lab must be named. */
  readonly login: Login | undefined;
  readonly lines: number;
  readonly json?: boolean | undefined;
}

/** Prints what the nodes of a cluster say. Rejects as `readWorkspaceLogs` does, and with `LAB_UNKNOWN` where no lab is named. */
export async function printClusterLogs(
  { data, login, lines, json }: ClusterLogsRequest,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  if (login?.lab === undefined) {
    throw new FactoryError(
      'LAB_UNKNOWN',
      'Name the workspace whose nodes you mean: factory logs alice/k3s --nodes.',
    );
  }
  const key = { user: login.user, lab: login.lab };
  // Loaded only now: the log alone has no need of Docker's client.
  const { readWorkspaceLogs } = await import('../../composition/offline/workspace-logs.ts');
  const logs = (await readWorkspaceLogs({ data, key, lines }, stop)) ?? { nodes: [], kept: undefined };
  say(json ? JSON.stringify(asJson(logs)) : asText(logs));
}

function asJson({ nodes, kept }: WorkspaceLogs): object {
  return {
    nodes,
    last_failure:
      kept === undefined ? null : { file: kept.file, at: kept.writtenAt.toISOString(), lines: kept.lines },
  };
}

function asText({ nodes, kept }: WorkspaceLogs): string {
  const parts = nodes.flatMap(({ name, state, lines }) => [`== ${name} (${state})`, ...lines]);
  if (nodes.length === 0) parts.push('The workspace has no nodes now.');
  if (kept !== undefined) {
    parts.push(`== the last failure, ${kept.writtenAt.toISOString()} (${kept.file})`, ...kept.lines);
  }
  return parts.join('\n');
}
