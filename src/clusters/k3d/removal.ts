import { setTimeout as delay } from 'node:timers/promises';
import { forceRemove } from '../../docker-engine/container-removal.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { removeNetwork } from '../../docker-engine/network-removal.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { clusterNodes, NODE_LABEL } from './nodes/cluster-nodes.ts';

/** How long removals that others began are waited for; `checkGone` then says what is left. ms */
const GONE_LIMIT = 15_000;

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
  const nodes = await clusterNodes(engine, names.cluster, signal);
  const removal = { what: 'remove the node', timeout: 120_000, volumes: !keepVolumes };
  await Promise.all(nodes.map((node) => forceRemove(engine, node.id, removal, signal)));
  await untilNodesGone(engine, names.cluster, signal);
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

/** A removal by somebody else, k3d's own of its tools, may be under way still; the network cannot go before it has ended. */
async function untilNodesGone(engine: DockerEngine, cluster: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(GONE_LIMIT)]);
  while (!limit.aborted && (await clusterNodes(engine, cluster, signal)).length > 0) {
    await delay(100, undefined, { signal: limit }).catch(() => undefined);
  }
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
