import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ClusterNode } from './cluster-nodes.ts';
import { listFlag } from './k3s-arguments.ts';

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

/** By the arguments of k3s. Its Traefik is reached on the node through `servicelb`. */
export function packagedServices(args: readonly string[]): PackagedServices {
  const disabled = disabledComponents(args);
  return {
    dns: !disabled.has('coredns'),
    ingress: packagedTraefik(args) !== undefined && !disabled.has('servicelb'),
  };
}

/** Undefined where k3s brings none. The Helm controller installs it; `claims`: whether there is what gives it a volume. */
export function packagedTraefik(args: readonly string[]): { readonly claims: boolean } | undefined {
  const disabled = disabledComponents(args);
  const hasHelmController = !args.some((arg) => /^--disable-helm-controller(=true)?$/.test(arg));
  if (!hasHelmController || disabled.has('traefik')) return undefined;
  return { claims: !disabled.has('local-storage') };
}

function disabledComponents(args: readonly string[]): ReadonlySet<string> {
  return new Set(listFlag(args, '--disable'));
}
