import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ClusterNode } from './cluster-nodes.ts';

/** What a wait for readiness must know of the server's container. */
export interface RunningServer {
  readonly startedAt: Date;
  readonly packaged: PackagedServices;
}

/** Whether k3s itself brings them; the lab may have switched off what they need. */
export interface PackagedServices {
  readonly dns: boolean;
  readonly ingress: boolean;
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
  return { startedAt: new Date(found.State.StartedAt), packaged: packagedServices(found.Config.Cmd) };
}

/** By the arguments of k3s. Its Traefik is installed by the Helm controller, and reached on the node through `servicelb`. */
export function packagedServices(args: readonly string[]): PackagedServices {
  const disabled = disabledComponents(args);
  const hasHelmController = !args.some((arg) => /^--disable-helm-controller(=true)?$/.test(arg));
  return {
    dns: !disabled.has('coredns'),
    ingress: hasHelmController && !disabled.has('traefik') && !disabled.has('servicelb'),
  };
}

/** `--disable=a,b` and `--disable a` in any number. */
function disabledComponents(args: readonly string[]): ReadonlySet<string> {
  const values = args.flatMap((arg, index) => {
    if (arg.startsWith('--disable=')) return [arg.slice('--disable='.length)];
    return arg === '--disable' ? [args[index + 1] ?? ''] : [];
  });
  return new Set(values.flatMap((value) => value.split(',')));
}
