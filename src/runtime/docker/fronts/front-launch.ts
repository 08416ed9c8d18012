import type { FrontConnection, FrontLaunch } from '../../../containerssh/front-sessions.ts';
import { homeOf, hostMountsOf, loginOf } from '../container-spec.ts';
import { inspectContainer, stateOf } from '../container-state.ts';
import { notRunning } from '../sessions/container-sessions.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';
import { frontLabels } from './front-labels.ts';

export interface FrontEnv {
  /** Of the session. */
  readonly env: Readonly<Record<string, string>>;
  /** What nobody else says. */
  readonly ofFactory: Readonly<Record<string, string>>;
}

/**
 * What a ContainerSSH runs for one connection, so that it is in the workspace: like the lab container as that is now, with its home, and
 * in its network namespace. Thereby it reaches what that reaches: the cluster (also one that was made anew), and no more than the
 * lab's egress allows. Docker refuses a `Hostname`, `Dns` and `ExtraHosts` beside such a network; all are the lab container's.
 * Rejects with `CONTAINER_FAILED` where the lab container does not run.
 */
export async function frontLaunch(
  objects: WorkspaceObjects,
  connection: FrontConnection,
  { env, ofFactory }: FrontEnv,
  signal: AbortSignal,
): Promise<FrontLaunch> {
  const { names, instance } = objects;
  const container = await inspectContainer(objects, signal);
  if (container === undefined || stateOf(container) !== 'running') throw notRunning();
  const { Config, HostConfig } = container;
  const user = loginOf(container);
  const home = homeOf(user);
  const own = variablesOf(Config.Env);
  const hasHome = HostConfig.Mounts?.some(
    ({ Type, Source }) => Type === 'volume' && Source === names.homeVolume,
  );
  return {
    image: Config.Image,
    user,
    workingDir: home,
    env: {
      ...own,
      ...env,
      HOME: home,
      USER: user,
      ...ofFactory,
    },
    labels: frontLabels(instance, connection),
    // A fresh home is part of a container, here of this one.
    binds: hasHome ? [`${names.homeVolume}:${home}`] : [],
    // The folder of the gateway's pipes is the gateway's alone.
    mounts: hostMountsOf(container),
    networkMode: `container:${names.container}`,
    securityOpt: HostConfig.SecurityOpt ?? [],
    limits: {
      memory: HostConfig.Memory ?? 0,
      cpus: (HostConfig.NanoCpus ?? 0) / 1e9,
      pids: HostConfig.PidsLimit ?? 0,
    },
  };
}

/** Of "NAME=value" each. */
function variablesOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')];
    }),
  );
}
