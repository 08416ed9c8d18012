import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ClusterNode } from './cluster-nodes.ts';

/** What a wait for readiness must know of the server's container. */
export interface RunningServer {
  readonly startedAt: Date;
  /** The packaged components that k3s's `--disable` names: "traefik", "coredns". */
  readonly disabled: ReadonlySet<string>;
}

export async function runningServer(
  engine: DockerEngine,
  server: ClusterNode,
  signal: AbortSignal,
): Promise<RunningServer> {
  const found = await engine.call({
    what: 'look at the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(server.id).inspect({ abortSignal }),
  });
  return { startedAt: new Date(found.State.StartedAt), disabled: disabledComponents(found.Config.Cmd) };
}

/** Of k3s's arguments, `--disable=a,b` and `--disable a` in any number. */
export function disabledComponents(args: readonly string[]): ReadonlySet<string> {
  const values = args.flatMap((arg, index) => {
    if (arg.startsWith('--disable=')) return [arg.slice('--disable='.length)];
    return arg === '--disable' ? [args[index + 1] ?? ''] : [];
  });
  return new Set(values.flatMap((value) => value.split(',')));
}
