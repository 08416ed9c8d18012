import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ClusterNode } from './cluster-nodes.ts';

/*
 * An agent that its owner took down is marked by its restart policy, as a finished creation is (see completion-mark.ts): that
 * can change after the container was made, and is gone with it. `unless-stopped` on an agent of a finished cluster says what
 * is meant, and Docker keeps to it: what was stopped stays so, also over a restart of the engine (tried with 20.10).
 */
const MARK = 'unless-stopped';
const NO_MARK = 'no';

/** Whether the node does not run because its owner wants it so. Said of agents alone, and meant for finished clusters. */
export async function isTakenDown(
  engine: DockerEngine,
  node: Pick<ClusterNode, 'id' | 'role' | 'state'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (node.role !== 'agent' || node.state !== 'exited') return false;
  const found = await engine.callUnless([404], {
    what: 'look at the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).inspect({ abortSignal }),
  });
  return found?.HostConfig.RestartPolicy?.Name === MARK;
}

/** For an agent that was stopped already: one that runs would be started by Docker with the engine. */
export function markTakenDown(
  engine: DockerEngine,
  node: Pick<ClusterNode, 'id'>,
  signal: AbortSignal,
): Promise<void> {
  return setPolicy(engine, node, MARK, signal);
}

export function unmarkTakenDown(
  engine: DockerEngine,
  node: Pick<ClusterNode, 'id'>,
  signal: AbortSignal,
): Promise<void> {
  return setPolicy(engine, node, NO_MARK, signal);
}

async function setPolicy(
  engine: DockerEngine,
  node: Pick<ClusterNode, 'id'>,
  policy: string,
  signal: AbortSignal,
): Promise<void> {
  await engine.call({
    what: 'note whether the node is taken down',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(node.id).update({ RestartPolicy: { Name: policy }, abortSignal }),
  });
}
