import type { DockerEngine } from '../../../../docker-engine/docker-engine.ts';
import type { ClusterDefinition } from '../../../../labs/lab-definition.ts';
import type { KubeApi } from '../../kubernetes/kube-api.ts';
import { isDoneWithin, until } from '../../kubernetes/until.ts';
import type { ClusterNode } from '../../nodes/cluster-nodes.ts';
import { putFile } from '../../nodes/put-file.ts';
import type { Attempt } from '../attempt.ts';
import { hasTraefikConfig, TRAEFIK_CONFIG } from './ingress-manifests.ts';

const CONFIG_PATH = '/apis/helm.cattle.io/v1/namespaces/kube-system/helmchartconfigs/traefik';
/** How long is asked for it; ms. The processors are fullest now, and an API that is late says the same as one without it. */
const CONFIG_LIMIT = 30_000;

/** A cluster that is of use since this moment. */
export interface NewCluster {
  readonly definition: ClusterDefinition;
  readonly servers: readonly Pick<ClusterNode, 'id'>[];
  readonly api: KubeApi;
}

/**
 * Makes the configuration of Traefik the student's own as soon as the cluster has it. k3s applies its manifests again at each
 * start, which would undo what a student changed whenever their cluster was stopped; it leaves out those with such a
 * `.skip` beside them (docs.k3s.io/installation/packaged-components, ".skip files"). A cluster that does not have it in time is
 * of use all the same: k3s goes on trying, and applies it at each start.
 */
export async function leaveToStudent(
  engine: DockerEngine,
  { definition, servers, api }: NewCluster,
  { signal, logger }: Pick<Attempt, 'signal' | 'logger'>,
  limit: number = CONFIG_LIMIT,
): Promise<void> {
  if (!hasTraefikConfig(definition)) return;
  const hasCome = await isDoneWithin(limit, signal, (bounded) =>
    until(async () => (await api.get(CONFIG_PATH, bounded)) !== undefined, bounded),
  );
  if (!hasCome) {
    logger.warn(
      "the cluster does not show Traefik's configuration; each start undoes what the student changes in it",
    );
    return;
  }
  for (const { id } of servers) {
    await putFile(engine, id, { path: `${TRAEFIK_CONFIG}.skip`, text: '' }, signal);
  }
}
