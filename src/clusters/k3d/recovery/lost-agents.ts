import { z } from 'zod';
import { parseJson } from '../../../json/parse-json.ts';
import type { DockerNames } from '../../../names/docker-names.ts';
import type { FoundCluster } from '../cluster-lookup.ts';
import type { Attempt } from '../creation/attempt.ts';
import type { KubeAdmin } from '../kubernetes/kube-api.ts';
import { kubeNodes } from '../kubernetes/kube-status.ts';
import { isDoneWithin, until } from '../kubernetes/until.ts';
import { lostAgents } from '../nodes/cluster-nodes.ts';

/** How long is tried to tell Kubernetes; ms. */
const TELL_LIMIT = 30_000;

const objectName = z.string().regex(/^[a-z0-9.-]+$/);
const podsSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ namespace: objectName, name: objectName }) })),
});

/**
 * Takes the agents that have no container any more out of Kubernetes, with what ran on them. It would wait for them for ten years,
 * and the cluster's DNS may be on one. Each node goes first, so that nothing new is put on it: what a start that was cut off leaves of
 * its pods Kubernetes then removes itself, a minute later.
 */
export async function forgetLostAgents(
  api: KubeAdmin,
  { names, cluster }: { readonly names: Pick<DockerNames, 'cluster'>; readonly cluster: FoundCluster },
  { signal, logger }: Pick<Attempt, 'signal' | 'logger'>,
  limit: number = TELL_LIMIT,
): Promise<void> {
  if (lostAgents(cluster.server, cluster.nodes) <= 0) return;
  const isAgent = new RegExp(`^k3d-${names.cluster}-agent-\\d+$`);
  const isThere = new Set(cluster.nodes.map(({ name }) => name));
  const isLost = (node: string) => isAgent.test(node) && !isThere.has(node);
  if (await isDoneWithin(limit, signal, (bounded) => forgetAll(api, isLost, bounded))) return;
  logger.warn('Kubernetes does not let go of an agent that is gone; what ran on it may be missing');
}

async function forgetAll(
  api: KubeAdmin,
  isLost: (node: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  await until(async () => {
    const nodes = await api.get('/api/v1/nodes', signal);
    if (nodes === undefined) return false;
    const lost = kubeNodes(nodes).flatMap(({ name }) => (name !== undefined && isLost(name) ? [name] : []));
    for (const node of lost) await forget(api, node, signal);
    return true;
  }, signal);
}

async function forget(api: KubeAdmin, node: string, signal: AbortSignal): Promise<void> {
  await until(() => api.remove(`/api/v1/nodes/${node}`, signal), signal);
  await until(async () => {
    const pods = await api.get(`/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`, signal);
    if (pods === undefined) return false;
    const paths = podPaths(pods);
    // Nobody is there to end them in their grace time.
    for (const path of paths) await api.remove(`${path}?gracePeriodSeconds=0`, signal);
    return paths.length === 0;
  }, signal);
}

/** `text`: a PodList (core/v1) as JSON. */
function podPaths(text: string): readonly string[] {
  const { items } = podsSchema.catch({ items: [] }).parse(parseJson(text));
  return items.map(({ metadata }) => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`);
}
