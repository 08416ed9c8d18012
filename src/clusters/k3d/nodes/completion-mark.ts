import type Docker from 'dockerode';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { type ClusterNode, members } from './cluster-nodes.ts';

/*
 * k3d creates nodes with the restart policy `unless-stopped`. When a creation has been seen through to the end we set it to
 * `no`, which is the mark: labels cannot change after a container is made, a file of ours could be lost with the data
 * folder, and a volume be pruned, while this is kept by the container itself. It is also the policy that we want: after
 * a reboot of the host a cluster starts when its student connects, not all of them at once.
 */
const MARK = 'no';

/** Marks a creation as finished. The server is marked last: its mark speaks for all. */
export async function markComplete(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<void> {
  const serverLast = members(nodes).toSorted(
    (a, b) => Number(a.role === 'server') - Number(b.role === 'server'),
  );
  for (const node of serverLast) {
    await engine.call({
      what: 'finish the node',
      signal,
      request: (docker, abortSignal) =>
        docker.getContainer(node.id).update({ RestartPolicy: { Name: MARK }, abortSignal }),
    });
  }
}

/** `container`: as Docker shows it. */
export function isMarkedComplete(container: Docker.ContainerInspectInfo | undefined): boolean {
  return container?.HostConfig.RestartPolicy?.Name === MARK;
}
