import { setTimeout as delay } from 'node:timers/promises';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { clusterNodes, NODE_LABEL } from './cluster-nodes.ts';

/** How long removals that others began are waited for; `checkGone` then says what is left. ms */
const GONE_LIMIT = 15_000;

/**
 * Removes whatever there is of a cluster, finished or not: k3d's own delete finds nothing where only the network is left,
 * leaves it where a container of somebody else's is in it, and does not look again. Resolves when all is gone.
 */
export async function removeCluster(
  engine: DockerEngine,
  names: { readonly cluster: string; readonly clusterNetwork: string },
  signal: AbortSignal,
): Promise<void> {
  const nodes = await clusterNodes(engine, names.cluster, signal);
  await Promise.all(nodes.map((node) => removeNode(engine, node.id, signal)));
  await untilNodesGone(engine, names.cluster, signal);
  await emptyNetwork(engine, names.clusterNetwork, signal);
  await engine.callUnless([404], {
    what: 'remove the network of the cluster',
    signal,
    request: (docker, abortSignal) => docker.getNetwork(names.clusterNetwork).remove({ abortSignal }),
  });
  await removeVolumes(engine, names.cluster, signal);
  await checkGone(engine, names, signal);
}

/** k3d's volume for images; creation fails where it is switched off, as the tools container then looks for nodes too early. */
async function removeVolumes(engine: DockerEngine, cluster: string, signal: AbortSignal): Promise<void> {
  await engine.call({
    what: 'remove the volumes of the cluster',
    signal,
    request: async (docker, abortSignal) => {
      const label = [`${NODE_LABEL.cluster}=${cluster}`];
      const { Volumes } = await docker.listVolumes({ filters: { label }, abortSignal });
      await Promise.all(Volumes.map(({ Name }) => docker.getVolume(Name).remove({ abortSignal })));
    },
  });
}

/** A removal by somebody else, k3d's own of its tools, may be under way still; the network cannot go before it has ended. */
async function untilNodesGone(engine: DockerEngine, cluster: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(GONE_LIMIT)]);
  while (!limit.aborted && (await clusterNodes(engine, cluster, signal)).length > 0) {
    await delay(100, undefined, { signal: limit }).catch(() => undefined);
  }
}

/** With its anonymous volumes. 409: another removal of it is under way. */
async function removeNode(engine: DockerEngine, id: string, signal: AbortSignal): Promise<void> {
  await engine.callUnless([404, 409], {
    what: 'remove the node',
    signal,
    timeout: 120_000,
    request: (docker, abortSignal) => docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
  });
}

/** A network with a container in it stays, so the lab container has to leave. */
async function emptyNetwork(engine: DockerEngine, name: string, signal: AbortSignal): Promise<void> {
  const network = await engine.callUnless([404], {
    what: 'look at the network of the cluster',
    signal,
    request: (docker) => docker.getNetwork(name).inspect(),
  });
  for (const container of Object.keys(network?.Containers ?? {})) {
    await engine.callUnless([404], {
      what: "take a container out of the cluster's network",
      signal,
      request: (docker, abortSignal) =>
        docker.getNetwork(name).disconnect({ Container: container, Force: true, abortSignal }),
    });
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
