import { setTimeout as delay } from 'node:timers/promises';
import { type ContainerRemoval, forceRemove } from '../../docker-engine/container-removal.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { removeNetwork } from '../../docker-engine/network-removal.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { clusterNodes, NODE_LABEL } from './nodes/cluster-nodes.ts';

/** How long what others began may take to end, a removal or a creation; `checkGone` then says what is left. ms */
const GONE_LIMIT = 60_000;

/**
 * Removes whatever there is of a cluster, finished or not: k3d's own delete finds nothing where only the network is left,
 * leaves it where a container of somebody else's is in it, and does not look again. Resolves when all is gone, but for the
 * nodes' own volumes with `keepVolumes`: only the caller can still know whose they are then.
 */
export async function removeCluster(
  engine: DockerEngine,
  names: { readonly cluster: string; readonly clusterNetwork: string },
  signal: AbortSignal,
  { keepVolumes = false }: { readonly keepVolumes?: boolean } = {},
): Promise<void> {
  const removal = { what: 'remove the node', timeout: 120_000, volumes: !keepVolumes };
  await removeNodes(engine, names.cluster, removal, signal);
  await removeNetwork(engine, names.clusterNetwork, signal);
  await removeVolumes(engine, names.cluster, signal);
  await checkGone(engine, names, signal);
}

async function removeVolumes(engine: DockerEngine, cluster: string, signal: AbortSignal): Promise<void> {
  const names = await clusterVolumes(engine, cluster, signal);
  await engine.callUnless([404], {
    what: 'remove the volumes of the cluster',
    signal,
    request: (docker, abortSignal) =>
      Promise.all(names.map((name) => docker.getVolume(name).remove({ abortSignal }))),
  });
}

/** k3d's volume for images; creation fails where it is switched off, as the tools container then looks for nodes too early. */
export async function clusterVolumes(
  engine: DockerEngine,
  cluster: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { Volumes } = await engine.call({
    what: 'list the volumes of the cluster',
    signal,
    request: (docker, abortSignal) => {
      const label = [`${NODE_LABEL.cluster}=${cluster}`];
      return docker.listVolumes({ filters: { label }, abortSignal });
    },
  });
  return Volumes.map(({ Name }) => Name);
}

/**
 * Until there is none. A removal by somebody else, k3d's own of its tools, may be under way still, and the network cannot go before
 * it has ended; a node that a k3d was just making when it was killed is there only a moment later.
 */
async function removeNodes(
  engine: DockerEngine,
  cluster: string,
  removal: ContainerRemoval,
  signal: AbortSignal,
): Promise<void> {
  let left = await removeListed(engine, cluster, removal, signal);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(GONE_LIMIT)]);
  while (left > 0 && !limit.aborted) {
    await delay(100, undefined, { signal: limit }).catch(() => undefined);
    left = await removeListed(engine, cluster, removal, signal);
  }
}

/** Resolves with how many there were. */
async function removeListed(
  engine: DockerEngine,
  cluster: string,
  removal: ContainerRemoval,
  signal: AbortSignal,
): Promise<number> {
  const nodes = await clusterNodes(engine, cluster, signal);
  await Promise.all(nodes.map((node) => forceRemove(engine, node.id, removal, signal)));
  return nodes.length;
}

async function checkGone(
  engine: DockerEngine,
  names: { readonly cluster: string; readonly clusterNetwork: string },
  signal: AbortSignal,
): Promise<void> {
  const left = await clusterNodes(engine, names.cluster, signal);
  if (left.length === 0 && !(await hasNetwork(engine, names.clusterNetwork, signal))) return;
  throw new FactoryError(
    'CLUSTER_FAILED',
    'Docker did not remove all of the cluster; try again in a moment.',
    {
      detail: left.map((node) => `${node.name} ${node.state}`).join('\n'),
    },
  );
}

export async function hasNetwork(engine: DockerEngine, name: string, signal: AbortSignal): Promise<boolean> {
  const network = await engine.callUnless([404], {
    what: 'look at the network of the cluster',
    signal,
    request: (docker) => docker.getNetwork(name).inspect(),
  });
  return network !== undefined;
}
