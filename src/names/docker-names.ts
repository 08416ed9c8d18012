import { createHash } from 'node:crypto';
import type { InstanceId } from './instance-id.ts';
import type { WorkspaceKey } from './workspace-key.ts';

/** Labels on every Docker object that belongs to a workspace; they are the database of what exists. */
export const LABEL = {
  instance: 'ssh-lab-factory.instance',
  user: 'ssh-lab-factory.user',
  lab: 'ssh-lab-factory.lab',
  /** `container`, `home`, `network`, `node`, `front` or `traefik`; for a moment `helper` or `doctor`. */
  role: 'ssh-lab-factory.role',
} as const;

/** The names of a workspace's Docker objects. Different workspaces never share one (property test beside this file). */
export interface DockerNames {
  readonly container: string;
  readonly homeVolume: string;
  /**
   * The lab container's own network. Docker moves a container's default route and published ports to the network whose
   * name sorts first and cuts open connections as it does, so this one sorts before `k3d-…` (DESIGN.md §5).
   */
  readonly network: string;
  /** k3d's name of the cluster: a DNS label of at most 32 characters. */
  readonly cluster: string;
  /** The network that k3d makes for the cluster. */
  readonly clusterNetwork: string;
}

/** A dot joins the parts because no part can hold one, which makes the mapping injective. */
export function dockerNames(instance: InstanceId, key: WorkspaceKey): DockerNames {
  const joined = `${instance}.${key.user}.${key.lab}`;
  const cluster = clusterName(instance, key);
  return {
    container: `lab.${joined}`,
    homeVolume: `lab.${joined}.home`,
    network: `a-lab.${joined}`,
    cluster,
    clusterNetwork: `k3d-${cluster}`,
  };
}

/** k3d allows 32 characters and no dot: the start of the user name for people, 80 bits of a hash for uniqueness. */
function clusterName(instance: InstanceId, key: WorkspaceKey): string {
  const digest = createHash('sha256').update(`${instance}.${key.user}.${key.lab}`).digest('hex').slice(0, 20);
  return `${key.user.slice(0, 11).replace(/-+$/, '')}-${digest}`;
}
