import type { DockerEngine } from '../../../../docker-engine/docker-engine.ts';
import type { KubeApi } from '../../kubernetes/kube-api.ts';
import type { ClusterNode } from '../../nodes/cluster-nodes.ts';
import { putFile } from '../../nodes/put-file.ts';
import { TRAEFIK_CONFIG } from './ingress-manifests.ts';

const CONFIG_PATH = '/apis/helm.cattle.io/v1/namespaces/kube-system/helmchartconfigs/traefik';

/**
 * Makes the configuration of Traefik the student's own as soon as the cluster has it. k3s applies its manifests again at each
 * start, which would undo what a student changed whenever their cluster was stopped; it leaves out those with such a
 * `.skip` beside them (docs.k3s.io/installation/packaged-components, ".skip files"). Where the cluster does not have it yet
 * k3s goes on trying, and applies it at each start.
 */
export async function leaveToStudent(
  engine: DockerEngine,
  servers: readonly ClusterNode[],
  api: KubeApi,
  signal: AbortSignal,
): Promise<void> {
  if ((await api.get(CONFIG_PATH, signal)) === undefined) return;
  for (const { id } of servers) {
    await putFile(engine, id, { path: `${TRAEFIK_CONFIG}.skip`, text: '' }, signal);
  }
}
