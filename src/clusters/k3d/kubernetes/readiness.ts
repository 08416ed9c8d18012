import type { Progress } from '../../../workspaces/ports/progress.ts';
import type { PackagedServices } from '../nodes/running-server.ts';
import { seeDns } from './dns.ts';
import { ingressAt, type KubeApi } from './kube-api.ts';
import { anyPodReady, isReadySince, kubeNodes, nodesReady, podCount } from './kube-status.ts';
import { until } from './until.ts';

/** A cluster whose nodes run and that is to become of use. */
export interface AwaitedCluster {
  readonly api: KubeApi;
  readonly ingress: string;
  /** How many of its nodes are to be Ready: all but those that were taken down. */
  readonly nodes: number;
  /** When the server's container was started. */
  readonly startedAt: Date;
  readonly packaged: PackagedServices;
}

/** Of the Traefik that k3s packages. */
const TRAEFIK_PODS = `/api/v1/namespaces/kube-system/pods?labelSelector=${encodeURIComponent('app.kubernetes.io/name=traefik')}`;
/** For so long the kubelet's word alone does not count for DNS; ms. Where the API does not reach pods it is all there is. */
const HEARSAY = 10_000;

/** The API answers and every node is Ready. Rejects with the signal's reason: whoever calls sets the limit. */
export async function untilNodesReady(
  cluster: AwaitedCluster,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress('waiting for the Kubernetes API');
  await untilApiAnswers(cluster.api, signal);
  progress('waiting for the node');
  await until(async () => {
    const nodes = await cluster.api.get('/api/v1/nodes', signal);
    return nodes !== undefined && nodesReady(nodes, cluster.nodes, cluster.startedAt);
  }, signal);
}

/** The node with Kubernetes' name `name` is Ready by a heartbeat since `since`. Rejects as `untilNodesReady`. */
export async function untilNodeReady(
  api: KubeApi,
  name: string,
  since: Date,
  signal: AbortSignal,
): Promise<void> {
  await until(async () => {
    const nodes = await api.get('/api/v1/nodes', signal);
    return kubeNodes(nodes ?? '').some((node) => node.name === name && isReadySince(node, since));
  }, signal);
}

/** DNS and ingress answer, where k3s brings them. */
export async function untilServicesReady(
  cluster: AwaitedCluster,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { packaged } = cluster;
  const awaited = [...(packaged.dns ? ['DNS'] : []), ...(packaged.ingress ? ['ingress'] : [])];
  if (awaited.length > 0) progress(`waiting for ${awaited.join(' and ')}`);
  let readyAt: number | undefined;
  const dns = async () => {
    const seen = await seeDns(cluster.api, signal);
    // After a stop the pods of before are listed until the kubelet speaks, and another may have their address by then.
    if (seen === undefined || !anyPodReady(seen.pods, cluster.startedAt)) return false;
    readyAt ??= Date.now();
    return seen.answers || Date.now() - readyAt > HEARSAY;
  };
  const ingress = async () =>
    (await isIngressNew(cluster, signal)) && (await ingressAt(cluster.ingress, signal)) === 'answers';
  await Promise.all([packaged.dns && until(dns, signal), packaged.ingress && until(ingress, signal)]);
}

/**
 * Whether Traefik's pods are known to Kubernetes as they are since the start, or there are none and something else answers. One that
 * answers while those of before the stop are listed is taken out again, until its kubelet calls it Ready.
 */
export async function isIngressNew(
  { api, startedAt }: Pick<AwaitedCluster, 'api' | 'startedAt'>,
  signal: AbortSignal,
): Promise<boolean> {
  const pods = await api.get(TRAEFIK_PODS, signal);
  return pods !== undefined && (podCount(pods) === 0 || anyPodReady(pods, startedAt));
}

/** After a resume: everything was up before, so the API's own answer will do. */
export async function untilApiAnswers(api: KubeApi, signal: AbortSignal): Promise<void> {
  await until(async () => (await api.get('/readyz', signal)) !== undefined, signal);
}

/**
 * DNS and ingress answer again after a resume, or are not there: a student who took them away does not wait for them. That a
 * node is NotReady or what the API says of pods does not matter: for some seconds both are of before the pause.
 */
export async function untilServicesResumed(
  { api, ingress }: Pick<AwaitedCluster, 'api' | 'ingress'>,
  signal: AbortSignal,
): Promise<void> {
  const dns = async () => {
    const seen = await seeDns(api, signal);
    return seen !== undefined && (seen.count === 0 || seen.answers);
  };
  const isBack = async () => (await ingressAt(ingress, signal)) !== 'silent';
  await Promise.all([until(dns, signal), until(isBack, signal)]);
}
